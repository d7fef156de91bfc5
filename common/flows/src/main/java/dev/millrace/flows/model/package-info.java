/**
 * The flow as data, and how to read it from every kind of exported file. Start reading at {@link
 * dev.millrace.flows.model.Flow}.
 */
@NullMarked
package dev.millrace.flows.model;

import org.jspecify.annotations.NullMarked;
