# Shared by the scripts in bin/: finds a JDK, builds what is stale, starts a process. Not to be run.
set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd)
JDK_WANTED=25

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# The major version of the JDK in folder $1, or nothing when there is none with a compiler.
jdk_version() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

is_new_enough() {
  version=$(jdk_version "$1")
  [ -n "$version" ] && [ "$version" -ge "$JDK_WANTED" ]
}

# Where JDKs are usually installed: Linux packages, SDKMAN, IDEs, macOS, Homebrew.
jdk_folders() {
  for folder in /usr/lib/jvm/* /opt/*jdk* /opt/java/* /usr/java/* /usr/local/*jdk* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    [ -d "$folder" ] && echo "$folder"
  done
}

# Sets JAVA_HOME to a JDK that is new enough: JAVA_HOME's own, PATH's, then the usual folders.
find_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && is_new_enough "$JAVA_HOME"; then
    return
  fi
  on_path=$(command -v javac 2>/dev/null || true)
  if [ -n "$on_path" ]; then
    on_path=$(cd "$(dirname "$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")")/.." && pwd)
    if is_new_enough "$on_path"; then
      export JAVA_HOME="$on_path"
      return
    fi
  fi
  for folder in $(jdk_folders); do
    if is_new_enough "$folder"; then
      export JAVA_HOME="$folder"
      return
    fi
  done
  fail "no JDK $JDK_WANTED or newer found (looked at JAVA_HOME=${JAVA_HOME:-unset}, PATH and the usual folders)." \
    "Install one, e.g. Eclipse Temurin $JDK_WANTED, or point JAVA_HOME at it."
}

find_maven() {
  command -v mvn >/dev/null 2>&1 || fail "Maven (mvn) is not on the PATH. Install Maven 3.8 or newer."
}

maven() {
  find_jdk
  find_maven
  # Maven's own libraries make JDK 25 print warnings that are not about this project.
  MAVEN_OPTS="${MAVEN_OPTS:--Xmx768m} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED" \
    mvn -B -f "$ROOT/pom.xml" "$@"
}

# Whether a source is newer than the last build.
is_stale() {
  built="$ROOT/server/target/built"
  [ -f "$built" ] || return 0
  [ -n "$(find "$ROOT/pom.xml" "$ROOT/common" "$ROOT/server" "$ROOT/worker" \
    \( -name target -o -name node_modules -o -path '*/src/test' \) -prune -o -type f -newer "$built" -print 2>/dev/null |
    head -n 1)" ]
}

# Builds the program unless it is newer than every source.
build_if_stale() {
  find_jdk
  if is_stale; then
    "$ROOT/bin/build" >&2 || exit 1
  fi
}

# Replaces this shell by a node that begins as $1 (server or worker) with the remaining arguments. It is
# one program; only the defaults differ, and what the JVM learnt of each.
run_process() {
  process=$1
  main=$2
  shift 2
  # What the JVM learnt in bin/train. Without it, or with another JDK's, the start takes longer.
  # shellcheck disable=SC2046,SC2086 # both are lists of options
  exec "$JAVA_HOME/bin/java" -XX:AOTCache="$ROOT/server/target/$process.aot" -Xlog:aot=off -Xlog:cds=off \
    $(java_options) ${MILLRACE_JAVA_OPTS:-} -cp "$ROOT/server/target/lib/*" "$main" "$@"
}

# The options every process is started with; docs/operations.md gives the reasons.
java_options() {
  echo "-Xmx512m -Xms64m -Xmn48m -XX:+UseSerialGC -XX:+UseCompactObjectHeaders" \
    "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow" \
    "-Dmillrace.root=$ROOT"
}
