/**
 * A prediction from the request to the answer. {@link
 * dev.millrace.platform.prediction.PredictionJob} is what travels, {@link
 * dev.millrace.platform.prediction.PredictionRunner} what runs it; a server reaches a runner
 * through a {@link dev.millrace.platform.prediction.PredictionDispatcher}: directly in MODE=main,
 * over the queue in MODE=queue, where {@link dev.millrace.platform.prediction.FlowCarriage} decides
 * whether jobs carry their flow or refer to it. Start reading at {@link
 * dev.millrace.platform.prediction.PredictionDispatcher}.
 */
@NullMarked
package dev.millrace.platform.prediction;

import org.jspecify.annotations.NullMarked;
