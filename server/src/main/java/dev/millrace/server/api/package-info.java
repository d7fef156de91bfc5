/**
 * The routes: parse, authorise, call, render. Start reading at {@link
 * dev.millrace.server.api.PredictionApi}.
 */
@NullMarked
package dev.millrace.server.api;

import org.jspecify.annotations.NullMarked;
