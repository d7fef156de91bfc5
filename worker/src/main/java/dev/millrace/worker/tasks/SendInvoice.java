package dev.millrace.worker.tasks;

import dev.millrace.pgjobs.NewJob;
import dev.millrace.pgjobs.PermanentFailureException;
import dev.millrace.pgjobs.Task;
import dev.millrace.pgjobs.TaskContext;
import dev.millrace.platform.jobs.BackgroundTask;
import dev.millrace.platform.jobs.TaskEnvironment;
import dev.millrace.worker.utils.Invoice;
import dev.millrace.worker.utils.Payload;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Prepares an invoice, has it drawn by {@link Pdf} and sent by {@link Email}: {@code {to, number,
 * customer, date, currency, locale, lines: [{description, quantity, unitPrice}], taxRate}}. Each
 * link adds the next one in the transaction that completes it, so that whatever dies in between,
 * the chain goes on where it was.
 */
public final class SendInvoice implements BackgroundTask {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Override
  public String name() {
    return "sendInvoice";
  }

  @Override
  public Task open(TaskEnvironment environment) {
    return SendInvoice::prepare;
  }

  private static void prepare(TaskContext job) {
    var payload = Payload.of(job);
    Invoice invoice;
    try {
      invoice = Invoice.of(payload);
    } catch (IllegalArgumentException e) {
      throw new PermanentFailureException("the invoice cannot be prepared: " + e.getMessage(), e);
    }
    var pdf =
        NewJob.of("pdf", pdf(payload, invoice).toString()).withMaxAttempts(job.job().maxAttempts());
    var next = job.completeWith(tx -> tx.addJob(pdf));
    job.logger().info("Invoice {} goes on as job {}", invoice.number(), next.id());
  }

  private static ObjectNode pdf(ObjectNode payload, Invoice invoice) {
    var pdf =
        JSON.createObjectNode()
            .put("template", "invoice")
            .put("filename", "invoice-" + invoice.number() + ".pdf");
    pdf.set("data", invoice.toJson());
    var next = pdf.putObject("next").put("task", "email");
    var mail =
        next.putObject("payload")
            .put("subject", "Invoice " + invoice.number())
            .put("template", "invoice-mail");
    mail.set("to", payload.path("to"));
    if (payload.hasNonNull("cc")) {
      mail.set("cc", payload.get("cc"));
    }
    mail.set("data", invoice.toJson());
    return pdf;
  }
}
