package dev.millrace.platform.embedded;

import dev.millrace.platform.settings.DatabaseSettings;
import dev.millrace.platform.settings.RedisSettings;
import org.jspecify.annotations.Nullable;

/**
 * Where the stores of this process are, configured or embedded.
 *
 * @param database always usable, unlike the one in the settings
 * @param redis null when MODE=main and none is configured
 */
public record StoreAddresses(DatabaseSettings database, @Nullable RedisSettings redis) {}
