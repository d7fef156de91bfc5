package dev.millrace.platform.storage;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.settings.StorageSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Files in the folder of a Flowise server: {@code <organization>/<flow>/<chat>/<file>}, in older
 * ones without the organization. Thread-safe.
 */
public final class LocalStorage implements StoredFiles {
  /** What Flowise leaves out of the names under which it stores files. */
  private static final Pattern LEFT_OUT = Pattern.compile("[?<>:*|\"\\p{Cntrl}]|^\\.+");

  private static final int LONGEST_NAME = 255;

  private final Path base;
  private final Function<String, Optional<String>> organizations;

  /**
   * @param base the folder, which need not exist yet
   * @param organizations finds the organization of a workspace
   */
  public LocalStorage(Path base, Function<String, Optional<String>> organizations) {
    this.base = base.toAbsolutePath().normalize();
    this.organizations = organizations;
  }

  /** Returns the storage that the settings name, {@link StoredFiles#NONE} when they name none. */
  public static StoredFiles of(StorageSettings settings, Workspaces workspaces) {
    Path folder = settings.folder();
    return folder == null
        ? StoredFiles.NONE
        : new LocalStorage(
            folder, id -> workspaces.find(id).map(Workspaces.Workspace::organizationId));
  }

  @Override
  public Optional<byte[]> read(Folder folder, String name) {
    if (!isPlain(name)) {
      throw new FlowException(
          "\"" + name + "\" is no name of a stored file: it has to be one without folders.");
    }
    if (!folder.path().stream().allMatch(LocalStorage::isPlain)) {
      return Optional.empty(); // Flowise stores nothing for such a chatId
    }
    for (Path place : places(folder)) {
      for (String stored : List.of(name, LEFT_OUT.matcher(name).replaceAll(""))) {
        Optional<byte[]> content = stored.isEmpty() ? Optional.empty() : read(place, stored);
        if (content.isPresent()) {
          return content;
        }
      }
    }
    return Optional.empty();
  }

  private List<Path> places(Folder folder) {
    String path = String.join("/", folder.path());
    var places = new ArrayList<Path>();
    organizations
        .apply(folder.workspaceId())
        .filter(LocalStorage::isPlain)
        .ifPresent(organization -> places.add(base.resolve(organization).resolve(path)));
    places.add(base.resolve(path));
    return places;
  }

  private Optional<byte[]> read(Path place, String name) {
    Path file = place.resolve(name);
    try {
      if (!Files.isRegularFile(file)) {
        return Optional.empty();
      }
      if (!file.toRealPath().startsWith(base.toRealPath())) {
        throw new FlowException("The stored file " + name + " is a link out of the storage.");
      }
      try (var in = Files.newInputStream(file)) {
        byte[] content = in.readNBytes(LARGEST + 1);
        if (content.length > LARGEST) {
          throw new FlowException(
              "The stored file " + name + " has more than " + LARGEST + " bytes.");
        }
        return Optional.of(content);
      }
    } catch (IOException e) {
      throw new FlowException(
          "The stored file "
              + name
              + " cannot be read; may this process read BLOB_STORAGE_PATH? "
              + e,
          e);
    }
  }

  /** Tells whether a text is the name of something directly within a folder. */
  private static boolean isPlain(String name) {
    return !name.isBlank()
        && name.length() <= LONGEST_NAME
        && !name.equals(".")
        && !name.equals("..")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == 0);
  }
}
