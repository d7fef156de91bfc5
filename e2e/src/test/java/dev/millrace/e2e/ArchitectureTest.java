package dev.millrace.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;

/** What Maven cannot enforce of docs/architecture.md. */
@AnalyzeClasses(packages = "dev.millrace", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule lettuceStaysAtTheEdges =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.millrace.bullmq",
              "dev.millrace.cluster..",
              "dev.millrace.platform.cluster",
              "dev.millrace.platform.events",
              "dev.millrace.platform.redis",
              "dev.millrace.platform.embedded",
              "dev.millrace.platform.prediction")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.lettuce..");

  @ArchTest
  static final ArchRule langChainStaysInModels =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.flows.models")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.langchain4j..");

  @ArchTest
  static final ArchRule polyglotStaysInTheSandbox =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.flows.script")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.graalvm..");

  @ArchTest
  static final ArchRule javalinStaysInTheServer =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.javalin..", "jakarta.servlet..", "org.eclipse.jetty..");

  @ArchTest
  static final ArchRule sqlStaysInThePlatform =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.millrace.pgjobs..", "dev.millrace.platform..", "dev.millrace.testing")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "org.jdbi..", "org.postgresql..");

  @ArchTest
  static final ArchRule jackson2IsNotOurs =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.millrace.flows.models")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml.jackson.databind..");

  @ArchTest
  static final ArchRule handlersAreThin =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.server.api")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.bullmq..", "java.sql..", "org.jdbi..");

  /** A machine's clock may be set: what nodes agree on goes by a store's, all else by nanoTime. */
  @ArchTest
  static final ArchRule wallClocksDecideNothing =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.millrace.cluster..",
              "dev.millrace.platform.tasks",
              "dev.millrace.platform.documents",
              "dev.millrace.platform.cluster")
          // These say when something happened, or is to end, to whoever looks.
          .and()
          .doNotHaveFullyQualifiedName("dev.millrace.cluster.events.Mailbox$Taken")
          .and()
          .doNotHaveFullyQualifiedName("dev.millrace.cluster.events.RabbitMessages")
          .and()
          .doNotHaveFullyQualifiedName("dev.millrace.cluster.events.ProcessorRuns")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .orShould()
          .callMethod(InstantSource.class, "system");

  @ArchTest
  static final ArchRule platformPackagesHaveNoCycles =
      slices().matching("dev.millrace.platform.(*)..").should().beFreeOfCycles();
}
