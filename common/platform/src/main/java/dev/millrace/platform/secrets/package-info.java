/**
 * The key that encrypts credentials, and the encryption that Flowise uses, so that both can work on
 * one database. Start reading at {@link dev.millrace.platform.secrets.CredentialCipher}.
 */
@NullMarked
package dev.millrace.platform.secrets;

import org.jspecify.annotations.NullMarked;
