package dev.millrace.flows.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Start-up time matters: LangChain4j is loaded by the first call and not before. */
final class LazyLoadingTest {
  @Test
  void makingTheModelsLoadsNothingOfLangChain4j() throws Exception {
    var loader = new WithoutLangChain4j();
    var type = loader.loadClass(LangChainChatModels.class.getName());
    assertThat(type.getClassLoader()).isSameAs(loader);

    try (var http = new GuardedHttp(AddressPolicy.strict(), FetchLimits.DEFAULT)) {
      var models =
          type.getConstructor(GuardedHttp.class, ModelLimits.class)
              .newInstance(http, ModelLimits.DEFAULT);

      assertThat((Set<?>) type.getMethod("supported").invoke(models)).hasSizeGreaterThan(20);
    }
  }

  /**
   * Defines this package's classes anew, except what the caller shares, and knows no LangChain4j.
   */
  private static final class WithoutLangChain4j extends ClassLoader {
    private static final Set<String> SHARED =
        Set.of(ModelLimits.class.getName(), ChatModels.class.getName());

    WithoutLangChain4j() {
      super(LazyLoadingTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("dev.langchain4j.")) {
        throw new ClassNotFoundException(name + " must not be loaded yet");
      }
      if (!name.startsWith("dev.millrace.flows.models.")
          || SHARED.contains(name)
          || name.startsWith(ChatModels.class.getName() + "$")) {
        return super.loadClass(name, resolve);
      }
      var known = findLoadedClass(name);
      return known == null ? define(name) : known;
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (var bytes = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (bytes == null) {
          throw new ClassNotFoundException(name);
        }
        var code = bytes.readAllBytes();
        return defineClass(name, code, 0, code.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
