/**
 * What a node of a cluster is there for, and what nodes share: caches, messages, events, locks.
 * Each primitive has a package, an interface to read first, and implementations for one process and
 * for many that pass the same tests:
 *
 * <ul>
 *   <li>{@link dev.millrace.cluster.cache.Cache}: values that are dear to compute
 *   <li>{@link dev.millrace.cluster.pubsub.PubSub}: messages to whoever listens now
 *   <li>{@link dev.millrace.cluster.sync.SyncMessages}: messages about committed changes, to every
 *       other node, at least once
 *   <li>{@link dev.millrace.cluster.events.EventQueue}: work for whichever node has time
 *   <li>{@link dev.millrace.cluster.locks.Locks}: one at a time
 * </ul>
 *
 * <p>{@link dev.millrace.cluster.ServiceSplit} says what this node serves.
 */
@NullMarked
package dev.millrace.cluster;

import org.jspecify.annotations.NullMarked;
