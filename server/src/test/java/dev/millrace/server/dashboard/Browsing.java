package dev.millrace.server.dashboard;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.LoadState;
import dev.millrace.server.TestServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The machine's Chromium, and what it asked for. Belongs to one thread. */
final class Browsing implements AutoCloseable {
  private static final Path SCREENSHOTS = Path.of("target/screenshots");
  private static final List<String> QUIET =
      List.of(
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  private final Playwright playwright;
  private final Browser browser;
  private final List<String> hosts = new CopyOnWriteArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();

  /** Starts it; the test is skipped where there is none. */
  Browsing() {
    var program =
        Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst();
    Assumptions.assumeTrue(program.isPresent(), "needs Chromium, e.g. apt-get install chromium");
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(program.get())
                    .setHeadless(true)
                    .setArgs(QUIET));
  }

  /** Opens a window that has no cookies. */
  Page open(int width, int height, String language) {
    BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions().setViewportSize(width, height).setLocale(language));
    var page = context.newPage();
    page.setDefaultTimeout(15_000);
    page.onRequest(request -> {
      if (!request.url().startsWith("data:")) {
        hosts.add(URI.create(request.url().replaceAll("[?#].*", "")).getHost());
      }
    });
    page.onConsoleMessage(message -> {
      if (message.type().equals("error")) {
        problems.add(message.text());
      }
    });
    page.onPageError(problems::add);
    page.onDialog(dialog -> {
      problems.add("a dialog: " + dialog.message());
      dialog.dismiss();
    });
    return page;
  }

  /** Logs in as people do. */
  static void logIn(Page page, TestServer server, String key) {
    page.navigate(server.url(""));
    page.getByLabel("Admin API key").fill(key);
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Log in")).click();
    page.waitForURL(server.url(""));
  }

  static void screenshot(Page page, String name) {
    // What it shows while it loads is of no interest.
    page.waitForLoadState(LoadState.NETWORKIDLE);
    page.screenshot(
        new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + ".png")).setFullPage(true));
  }

  /** Returns the hosts that pages asked for anything. */
  List<String> hosts() {
    return hosts.stream().distinct().toList();
  }

  /** Returns what pages complained of: errors of scripts, and what the policy forbade. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
