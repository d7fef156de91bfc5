/**
 * What the primitives share; not for those who use them. {@link
 * dev.millrace.cluster.support.RedisLink} is a node's one connection to Redis.
 */
@NullMarked
package dev.millrace.cluster.support;

import org.jspecify.annotations.NullMarked;
