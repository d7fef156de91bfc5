package dev.millrace.platform.runs;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of {@code chat_message}; the members are its columns, the nullable ones hold JSON. */
record StoredMessage(
    UUID id,
    String role,
    String flowId,
    UUID executionId,
    String content,
    String chatType,
    String chatId,
    String sessionId,
    Instant createdDate,
    @Nullable String leadEmail,
    @Nullable String fileUploads,
    @Nullable String sourceDocuments,
    @Nullable String usedTools,
    @Nullable String fileAnnotations,
    @Nullable String artifacts,
    @Nullable String reasonContent,
    @Nullable String followUpPrompts,
    @Nullable String action) {}
