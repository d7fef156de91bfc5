package dev.millrace.platform.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.millrace.platform.settings.LogFormat;
import dev.millrace.platform.settings.LogLevel;
import dev.millrace.platform.settings.LogSettings;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Sets the log up: to standard output, as lines for people or as JSON. */
public final class Logging {
  // What they say at info is of interest to their own developers.
  private static final List<String> TALKATIVE =
      List.of(
          "org.eclipse.jetty",
          "io.javalin",
          "org.flywaydb",
          "com.zaxxer.hikari",
          "io.lettuce",
          "com.openhtmltopdf");

  private Logging() {}

  /** Replaces whatever log configuration there is. */
  public static void configure(LogSettings settings) {
    configure(settings, "System.out");
  }

  /** Logs warnings only, and to standard error: for commands whose output is read by others. */
  public static void configureForCommands() {
    configure(new LogSettings(LogLevel.WARN, LogFormat.TEXT), "System.err");
  }

  private static void configure(LogSettings settings, String target) {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setTarget(target);
    appender.setContext(context);
    appender.setEncoder(encoder(settings.format(), context));
    appender.start();
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.valueOf(settings.level().name()));
    root.addAppender(appender);
    // Says once more, at length, what we say in one line when the port is taken.
    context.getLogger("io.javalin.Javalin").setLevel(Level.OFF);
    // Warns of each font that every PDF reader has and this machine has not.
    context.getLogger("org.apache.pdfbox.pdmodel.font").setLevel(Level.ERROR);
    if (!root.getLevel().isGreaterOrEqual(Level.WARN)) {
      TALKATIVE.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
    }
  }

  private static Encoder<ILoggingEvent> encoder(LogFormat format, LoggerContext context) {
    return switch (format) {
      case JSON -> {
        var encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.start();
        yield encoder;
      }
      case TEXT -> {
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0} - %msg%n%ex");
        encoder.start();
        yield encoder;
      }
    };
  }
}
