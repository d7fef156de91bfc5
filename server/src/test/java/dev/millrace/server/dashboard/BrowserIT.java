package dev.millrace.server.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.LoadState;
import dev.millrace.bullmq.FlowJob;
import dev.millrace.bullmq.FlowProducer;
import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.JobState;
import dev.millrace.bullmq.NewJob;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.Repeat;
import dev.millrace.bullmq.Worker;
import dev.millrace.bullmq.WorkerOptions;
import dev.millrace.server.TestServer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the person on call does, in Chromium. Pictures are kept in target/screenshots. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserIT {
  private static final String PREDICTION = "flowise-queue-prediction";
  private static final String PLUGIN = "plugin-mails";
  private static final double MENU_LIMIT_MS = 3_000;

  private final AtomicBoolean fails = new AtomicBoolean(true);
  private Browsing browsing;
  private TestServer server;
  private Queue queue;
  private Worker worker;

  @BeforeAll
  void start() throws Exception {
    browsing = new Browsing();
    server = new TestServer();
    queue = server.queue(PREDICTION);
    var options = WorkerOptions.builder().name("millrace").drainDelay(Duration.ofSeconds(1));
    worker =
        Worker.start(
            server.connections(),
            PREDICTION,
            job -> {
              if (job.job().name().equals("broken") && fails.get()) {
                throw new IllegalStateException("the model said <b>no</b>");
              }
              return "{\"text\":\"pong\",\"chatId\":\"c1\"}";
            },
            options.build());
    queue.add(
        "question", "{\"question\":\"ping <script>alert(1)</script>\",\"apiKey\":\"sk-hidden\"}");
    queue.add("broken", "{\"question\":\"why\"}");
    queue.add("later", "{}", JobOptions.builder().delay(3_600_000L).build());
    new FlowProducer(server.connections(), QueueOptions.DEFAULT)
        .add(
            new FlowJob(
                "report",
                PLUGIN,
                "{}",
                new FlowJob("chapter one", PLUGIN, "{}"),
                new FlowJob("chapter two", PLUGIN, "{}", new FlowJob("page", PLUGIN, "{}"))));
    server
        .queue("flowise-queue-schedule")
        .schedulers()
        .upsert(
            "nightly", Repeat.cron("0 2 * * *"), new NewJob("nightly run", "{}", JobOptions.NONE));
    await().until(() -> queue.counts().completed() == 1 && queue.counts().failed() == 1);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.send("GET", "/api/queues", "").body().contains(PLUGIN));
  }

  @AfterAll
  void stop() {
    if (worker != null) {
      worker.close();
    }
    if (server != null) {
      server.close();
    }
    if (browsing != null) {
      browsing.close();
      // Of all pages together.
      assertThat(browsing.hosts()).containsExactly("127.0.0.1");
      assertThat(browsing.problems())
          .noneMatch(problem ->
              problem.contains("Content Security Policy") || problem.startsWith("a dialog"));
    }
  }

  private Page loggedIn(int width, String language) {
    var page = browsing.open(width, 900, language);
    Browsing.logIn(page, server, TestServer.ADMIN_KEY);
    return page;
  }

  private void visit(Page page, String path) {
    page.navigate(server.url(path));
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name)).first();
  }

  /** Returns what a job's page offers first: what brings it on. The buttons are pictures only. */
  private static Locator firstAction(Page page) {
    return page.locator("[class*=jobActions] button").first();
  }

  /** Clicks, and says yes if that is asked. */
  private static void act(Page page, Locator what) {
    what.click();
    button(page, "Confirm").click();
  }

  @Test
  void theListShowsQueuesWithTheirCounts() {
    var page = browsing.open(1440, 900, "en-US");
    page.navigate(server.url(""));
    Browsing.screenshot(page, "login");
    Browsing.logIn(page, server, TestServer.ADMIN_KEY);
    for (var name : new String[] {PREDICTION, "flowise-queue-upsertion", PLUGIN}) {
      assertThat(page.getByText(name).first()).isVisible();
    }
    Browsing.screenshot(page, "queues");
    page.context().close();
  }

  @Test
  void theMenuLeadsToTheNodesAndSaysWhichQueueNobodyServes() {
    for (var width : new int[] {1440, 390}) {
      var page = loggedIn(width, "en-US");
      choose(page, "Nodes");
      assertThat(page.getByRole(AriaRole.HEADING)).hasText("Nodes");
      assertThat(page.getByRole(AriaRole.ROW)).hasCount(2);
      assertThat(page.getByText("(this one)")).isVisible();
      assertThat(page.getByRole(AriaRole.ALERT).first()).containsText("has no consumer");
      Browsing.screenshot(page, "nodes-" + width);
      page.getByText("Back to the queues").click();
      assertThat(page.getByText(PREDICTION).first()).isVisible();
      page.context().close();
    }
  }

  @Test
  void aCompletedPredictionShowsItsDataAndResult() {
    var page = loggedIn(1440, "en-US");
    visit(page, "/queue/" + PREDICTION + "/1");
    assertThat(page.getByText("ping <script>alert(1)</script>").first()).isVisible();
    assertThat(page.getByText("pong").first()).isVisible();
    assertThat(page.locator("body")).not().containsText("sk-hidden");
    Browsing.screenshot(page, "job-completed");
    page.context().close();
  }

  @Test
  void aFailedOneShowsItsStackIsRetriedAndCompletes() {
    var page = loggedIn(1440, "en-US");
    visit(page, "/queue/" + PREDICTION + "/2");
    page.getByText("Error", new Page.GetByTextOptions().setExact(true)).first().click();
    assertThat(page.getByText("IllegalStateException").first()).isVisible();
    Browsing.screenshot(page, "job-failed");
    fails.set(false);
    act(page, firstAction(page));
    await().until(() -> queue.state("2") == JobState.COMPLETED);
    assertThat(page.getByText("Finished at").first()).isVisible();
    Browsing.screenshot(page, "job-retried");
    page.context().close();
  }

  @Test
  void aDelayedOneIsPromoted() {
    var page = loggedIn(1440, "en-US");
    visit(page, "/queue/" + PREDICTION + "/3");
    Browsing.screenshot(page, "job-delayed");
    act(page, firstAction(page));
    await().until(() -> queue.state("3") == JobState.COMPLETED);
    page.context().close();
  }

  @Test
  void aQueueIsPausedResumedAndCleaned() {
    var name = "plugin-cleaned";
    var cleaned = server.queue(name);
    cleaned.add("j", "{}", JobOptions.builder().timestamp(1_000L).delay(1L << 40).build());
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.send("GET", "/api/queues", "").body().contains(name));
    var page = loggedIn(1440, "en-US");
    visit(page, "/queue/" + name + "?status=delayed");
    menu(page, "Pause");
    await().until(cleaned::isPaused);
    Browsing.screenshot(page, "queue-paused");
    menu(page, "Resume");
    await().until(() -> !cleaned.isPaused());
    act(page, button(page, "Clean all"));
    await().until(() -> cleaned.counts().delayed() == 0);
    Browsing.screenshot(page, "queue-cleaned");
    page.context().close();
  }

  /** Takes an entry of a menu, and says yes. */
  private static void menu(Page page, String entry) {
    choose(page, entry);
    button(page, "Confirm").click();
  }

  /**
   * Takes an entry of the menu that has it; all are behind three dots that say nothing. A page that
   * draws itself anew closes its menus, so there is a second chance.
   */
  private static void choose(Page page, String entry) {
    page.waitForLoadState(LoadState.NETWORKIDLE);
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreException(TimeoutError.class)
        .until(() -> isChosen(page, entry));
  }

  private static boolean isChosen(Page page, String entry) {
    var item =
        page.getByRole(AriaRole.MENUITEM, new Page.GetByRoleOptions().setName(entry)).first();
    for (var opener : page.locator("button[aria-haspopup=menu]:visible").all()) {
      opener.click();
      if (item.isVisible()) {
        item.click(new Locator.ClickOptions().setTimeout(MENU_LIMIT_MS));
        return true;
      }
      page.keyboard().press("Escape");
    }
    return false;
  }

  @Test
  void aFlowIsATreeAndSchedulersAreAList() {
    var page = loggedIn(1440, "en-US");
    var root = server.queue(PLUGIN).getters().jobs(JobState.WAITING_CHILDREN, 0, 9, true);
    var report = root.stream().filter(job -> job.name().equals("report")).findFirst().orElseThrow();
    visit(page, "/queue/" + PLUGIN + "/" + report.id());
    assertThat(page.getByText("chapter two").first()).isVisible();
    Browsing.screenshot(page, "flow");
    visit(page, "/job-schedulers");
    assertThat(page.getByText("nightly").first()).isVisible();
    assertThat(page.getByText("0 2 * * *").first()).isVisible();
    Browsing.screenshot(page, "schedulers");
    visit(page, "/metrics-history");
    assertThat(page.getByText("Metrics history").first()).isVisible();
    Browsing.screenshot(page, "history");
    page.context().close();
  }

  @Test
  void theSameInFrenchAndOnATelephone() {
    var page = loggedIn(1440, "fr-FR");
    assertThat(page.getByText("FILES").first()).isVisible();
    Browsing.screenshot(page, "queues-fr");
    page.context().close();
    var narrow = loggedIn(390, "en-US");
    assertThat(narrow.getByText(PREDICTION).first()).isVisible();
    var overflow =
        narrow.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assertThat(((Number) overflow).intValue()).as("px that must be scrolled sideways").isZero();
    Browsing.screenshot(narrow, "queues-390");
    visit(narrow, "/queue/" + PREDICTION);
    Browsing.screenshot(narrow, "queue-390");
    narrow.context().close();
  }

  @Test
  void aViewerHasNoButtonsThatChangeAnything() {
    var page = browsing.open(1440, 900, "en-US");
    Browsing.logIn(page, server, TestServer.VIEWER_KEY);
    visit(page, "/queue/" + PREDICTION + "/1");
    assertThat(page.getByText("pong").first()).isVisible();
    assertThat(page.locator("[class*=jobActions] button")).hasCount(0);
    Browsing.screenshot(page, "viewer");
    page.context().close();
  }

  @Test
  void tenMegabytesOfDataLeaveThePageUsable() {
    var name = "plugin-big";
    server.queue(name).add("big", "{\"text\":\"" + "x ".repeat(5 << 20) + "\"}");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.send("GET", "/api/queues", "").body().contains(name));
    var page = loggedIn(1440, "en-US");
    visit(page, "/queue/" + name);
    assertThat(page.getByText("open the job to see them").first()).isVisible();
    page.getByText(PREDICTION).first().click();
    page.waitForURL(url -> url.contains(PREDICTION));
    page.context().close();
  }
}
