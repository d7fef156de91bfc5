package dev.millrace.flows.trigger;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.flows.trigger.WebhookTrigger.Param;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/** The checks that a request to a webhook has to pass, in Flowise's order. Thread-safe. */
public final class WebhookCheck {
  private WebhookCheck() {}

  /**
   * Why a request is not served.
   *
   * @param status of the answer
   * @param message for the caller
   */
  public record Refusal(int status, String message) {}

  /**
   * Checks the signature, in constant time.
   *
   * @param secret the flow's, "" when none was set: then nothing can pass
   */
  public static Optional<Refusal> signature(
      WebhookTrigger trigger, WebhookRequest request, String secret) {
    if (!trigger.secured()) {
      return Optional.empty();
    }
    if (secret.isEmpty()) {
      return refusal(401, "This webhook wants signed requests but has no secret: set one.");
    }
    String given = request.headers().getOrDefault(trigger.signatureHeader(), "").trim();
    if (given.isEmpty()) {
      return refusal(
          401, "The header " + trigger.signatureHeader() + " with the signature is missing.");
    }
    String wanted =
        switch (trigger.signature()) {
          case PLAIN_TOKEN -> secret;
          case HMAC_SHA256 -> hmac(secret, request.raw());
        };
    String plain =
        switch (trigger.signature()) {
          case PLAIN_TOKEN -> given;
          case HMAC_SHA256 -> given.replaceFirst("^sha(?:256|1)=", "").toLowerCase(Locale.ROOT);
        };
    return MessageDigest.isEqual(wanted.getBytes(UTF_8), plain.getBytes(UTF_8))
        ? Optional.empty()
        : refusal(401, "The signature of this request is not valid.");
  }

  /** Checks method, content type and, where the flow wants it, the parameters. */
  public static Optional<Refusal> shape(
      WebhookTrigger trigger, WebhookRequest request, JsonNode body) {
    if (!request.method().equalsIgnoreCase(trigger.method())) {
      return refusal(
          405, "This webhook takes " + trigger.method() + ", not " + request.method() + ".");
    }
    String type = request.contentType();
    boolean bodiless = request.raw().length == 0 && type.isEmpty();
    if (!bodiless && !type.startsWith(trigger.contentType())) {
      return refusal(
          415, "This webhook takes " + trigger.contentType() + ", not \"" + type + "\".");
    }
    if (!trigger.validated()) {
      return Optional.empty();
    }
    return missing("header", trigger.headers(), request.headers())
        .or(() -> members(trigger, body))
        .or(() -> missing("query parameter", trigger.query(), request.query()));
  }

  /** Returns the HMAC-SHA256 of some bytes in hexadecimal digits. */
  public static String hmac(String secret, byte[] content) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(content));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has HMAC-SHA256", e);
    }
  }

  private static Optional<Refusal> missing(
      String kind, Iterable<Param> params, Map<String, String> given) {
    for (Param param : params) {
      String name = kind.equals("header") ? param.name().toLowerCase(Locale.ROOT) : param.name();
      if (param.required() && given.getOrDefault(name, "").isEmpty()) {
        return refusal(400, "The required " + kind + " \"" + param.name() + "\" is missing.");
      }
    }
    return Optional.empty();
  }

  private static Optional<Refusal> members(WebhookTrigger trigger, JsonNode body) {
    for (Param param : trigger.body()) {
      JsonNode value = body.path(param.name());
      if (value.isMissingNode() || value.isNull()) {
        if (param.required()) {
          return refusal(400, "The required body parameter \"" + param.name() + "\" is missing.");
        }
      } else if (!isOf(param.type(), value)) {
        return refusal(
            400,
            "The body parameter \"" + param.name() + "\" has to be of type " + param.type() + ".");
      }
    }
    return Optional.empty();
  }

  private static boolean isOf(String type, JsonNode value) {
    if (type.startsWith("array[") && type.endsWith("]")) {
      String item = type.substring("array[".length(), type.length() - 1);
      return value.isArray() && value.valueStream().allMatch(each -> isOf(item, each));
    }
    return switch (type) {
      case "string" -> value.isString();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      default -> true;
    };
  }

  private static Optional<Refusal> refusal(int status, String message) {
    return Optional.of(new Refusal(status, message));
  }
}
