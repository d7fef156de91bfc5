package dev.millrace.pgjobs;

/**
 * Which schema, and what is in it.
 *
 * @param name the schema; any name is fine
 * @param compatibility with which versions of graphile-worker it is shared
 * @param optionsOverload whether it gets {@code add_job(identifier, payload, options)}, which
 *     graphile-worker does not have
 */
public record SchemaOptions(String name, Compatibility compatibility, boolean optionsOverload) {
  /** The schema that graphile-worker uses when it is not told another. */
  public static final SchemaOptions DEFAULT =
      new SchemaOptions("graphile_worker", Compatibility.V0_18, true);

  public SchemaOptions {
    var _ = new Sql(name);
  }

  public SchemaOptions withName(String value) {
    return new SchemaOptions(value, compatibility, optionsOverload);
  }

  public SchemaOptions withCompatibility(Compatibility value) {
    return new SchemaOptions(name, value, optionsOverload);
  }

  public SchemaOptions withOptionsOverload(boolean value) {
    return new SchemaOptions(name, compatibility, value);
  }
}
