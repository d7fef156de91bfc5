/**
 * Credentials of model providers and tools, encrypted in Flowise's table. Read {@link
 * dev.millrace.platform.credentials.CredentialStore} first.
 */
@NullMarked
package dev.millrace.platform.credentials;

import org.jspecify.annotations.NullMarked;
