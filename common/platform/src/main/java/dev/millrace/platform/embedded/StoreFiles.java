package dev.millrace.platform.embedded;

import java.nio.file.Path;

/** Where the files of one store are: {@code embedded/} of the data folder. */
record StoreFiles(Path embedded, String name) {
  static StoreFiles of(Path home, String name) {
    return new StoreFiles(home.resolve("embedded"), name);
  }

  Path data() {
    return embedded.resolve(name);
  }

  Path log() {
    return embedded.resolve(name + ".log");
  }

  Path lock() {
    return embedded.resolve(name + ".lock");
  }

  Path record() {
    return embedded.resolve(name + ".json");
  }
}
