package dev.millrace.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Holds {@code .env.example} and {@code docs/configuration.md} against the catalogue. After a
 * change of the catalogue write both with {@code mvn -pl common/platform -am test
 * -Dtest=CatalogueTest -Dsurefire.failIfNoSpecifiedTests=false -Dcatalogue.write=true}.
 */
class CatalogueTest {
  private static final String HOW =
      "differs from the settings catalogue; write it anew with: mvn -pl common/platform -am test"
          + " -Dtest=CatalogueTest -Dsurefire.failIfNoSpecifiedTests=false -Dcatalogue.write=true";
  private static final String BEGIN = "<!-- settings: written by CatalogueTest -->\n";
  private static final String END = "<!-- end of settings -->\n";

  @Test
  void everyVariableIsReadAndEveryVariableThatIsReadIsInTheCatalogue() {
    var values = new Values(List.of(), Path.of("/"));

    Settings.read(values);

    assertThat(values.read()).isEqualTo(Catalogue.names());
  }

  @Test
  void namesAreUniqueAndDefaultsAreAccepted() {
    assertThat(Catalogue.all()).extracting(Variable::name).doesNotHaveDuplicates();
    for (var variable : Catalogue.all()) {
      if (variable.defaultText() != null) {
        assertThat(variable.syntax().parse(variable.defaultText())).isNotNull();
      }
    }
  }

  @Test
  void theExampleFileIsTheCatalogue() throws IOException {
    var file = root().resolve(".env.example");
    if (Boolean.getBoolean("catalogue.write")) {
      Files.writeString(file, Catalogue.envExample());
    }
    assertThat(file).as(HOW).content().isEqualTo(Catalogue.envExample());
  }

  @Test
  void theExampleFileWithAllLinesTurnedOnIsAccepted() throws IOException {
    var lines = Files.readString(root().resolve(".env.example")).replaceAll("(?m)^#([A-Z])", "$1");
    var values = Dotenv.parse(".env.example", lines);

    assertThat(values.problems()).isEmpty();
    assertThat(values.values().keySet()).isEqualTo(Catalogue.names());
  }

  @Test
  void theTableOfTheManualIsTheCatalogue() throws IOException {
    var file = root().resolve("docs/configuration.md");
    var text = Files.readString(file);
    var from = text.indexOf(BEGIN) + BEGIN.length();
    var to = text.indexOf(END);
    if (Boolean.getBoolean("catalogue.write")) {
      text = text.substring(0, from) + Catalogue.markdown() + text.substring(to);
      Files.writeString(file, text);
      to = text.indexOf(END);
    }
    assertThat(text.substring(from, to)).as(HOW).isEqualTo(Catalogue.markdown());
  }

  @Test
  void theHelpNamesEveryFlagWithItsDefault() {
    assertThat(Catalogue.help()).contains("--PORT=3000\n", "--REDIS_URL=(see REDIS_HOST)\n");
  }

  private static Path root() {
    var folder = Path.of("").toAbsolutePath();
    while (folder.getParent() != null && !Files.exists(folder.resolve("CONTRIBUTING.md"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
