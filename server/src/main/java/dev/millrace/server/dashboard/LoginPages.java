package dev.millrace.server.dashboard;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lets people in and out. */
final class LoginPages {
  private static final int LONGEST_KEY = 512;

  private final Access access;
  private final PlainPages pages;
  private final Audit audit = new Audit();

  LoginPages(Access access, PlainPages pages) {
    this.access = access;
    this.pages = pages;
  }

  /** Returns who asks for a page; nobody is sent to the login, to come back from there. */
  Optional<Visitor> visitorOrLogin(Context ctx) {
    try {
      var visitor = access.visitor(ctx);
      if (visitor.isEmpty()) {
        var next = URLEncoder.encode(ctx.req().getRequestURI(), StandardCharsets.UTF_8);
        ctx.redirect(Dashboard.PATH + "/login?next=" + next);
      }
      return visitor;
    } catch (Access.TooManyException e) {
      tooMany(ctx, Dashboard.PATH);
      return Optional.empty();
    }
  }

  void show(Context ctx) {
    BoardPage.sendHtml(ctx, 200, pages.login(next(ctx.queryParam("next")), null));
  }

  void logIn(Context ctx) {
    var next = next(ctx.formParam("next"));
    var key = Objects.requireNonNullElse(ctx.formParam("key"), "").strip();
    try {
      var visitor =
          key.isEmpty() || key.length() > LONGEST_KEY
              ? Optional.<Visitor>empty()
              : access.logIn(ctx, key);
      if (visitor.isPresent()) {
        audit(ctx, visitor.get().name(), "login", 303);
        ctx.redirect(next, HttpStatus.SEE_OTHER);
      } else {
        audit(ctx, "nobody", "login", 401);
        var problem = "This key does not open the dashboard.";
        BoardPage.sendHtml(ctx, 401, pages.login(next, problem));
      }
    } catch (Access.TooManyException e) {
      tooMany(ctx, next);
    }
  }

  private void tooMany(Context ctx, String next) {
    audit(ctx, "nobody", "login", 429);
    var window = LoginLimits.WINDOW;
    ctx.header("Retry-After", Long.toString(window.toSeconds()));
    var problem = "Too many wrong keys: try again in " + window.toMinutes() + " minutes.";
    BoardPage.sendHtml(ctx, 429, pages.login(next, problem));
  }

  void confirmLogout(Context ctx) {
    visitorOrLogin(ctx)
        .ifPresent(
            visitor -> BoardPage.sendHtml(ctx, 200, pages.logout(visitor, access.token(visitor))));
  }

  void logOut(Context ctx) {
    visitorOrLogin(ctx)
        .ifPresent(visitor -> {
          if (!access.isToken(visitor, ctx.formParam("token"))) {
            BoardPage.sendHtml(ctx, 403, pages.logout(visitor, access.token(visitor)));
            return;
          }
          access.logOut(ctx);
          audit(ctx, visitor.name(), "logout", 303);
          ctx.redirect(Dashboard.PATH + "/login", HttpStatus.SEE_OTHER);
        });
  }

  private void audit(Context ctx, String who, String action, int status) {
    audit.log(who, access.address(ctx), action, "", status);
  }

  /** Only ever to the dashboard, wherever a link says. */
  private static String next(@Nullable String asked) {
    return asked != null && asked.matches(Dashboard.PATH + "(/[\\w%.~:!*()'@&=+$,;/-]*)?")
        ? asked
        : Dashboard.PATH;
  }
}
