/**
 * The keys of API clients, in Flowise's table. Read {@link
 * dev.millrace.platform.apikeys.ApiKeyStore} first.
 */
@NullMarked
package dev.millrace.platform.apikeys;

import org.jspecify.annotations.NullMarked;
