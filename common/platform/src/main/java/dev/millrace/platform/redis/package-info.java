/**
 * How every Redis client of a process is made, so that all of them log in, encrypt and give up in
 * the same way. Start reading at {@link dev.millrace.platform.redis.RedisTarget}.
 */
@NullMarked
package dev.millrace.platform.redis;

import org.jspecify.annotations.NullMarked;
