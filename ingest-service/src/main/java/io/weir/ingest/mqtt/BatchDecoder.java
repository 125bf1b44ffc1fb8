package io.weir.ingest.mqtt;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.ErrorKind;
import io.weir.common.error.WeirException;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.LinePart;
import io.weir.ingest.decode.LineProtocolDecoder;
import io.weir.ingest.decode.MessagePackDecoder;
import io.weir.ingest.decode.Precision;
import io.weir.ingest.schema.DatabaseSchemas;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Decodes many messages of one database into few batches: those in line protocol share one decoder a precision, those in
 * JSON one builder a measurement, those in MessagePack keep their own batches. No message spoils another. Used once, by
 * one thread at a time.
 */
final class BatchDecoder {

    private final DatabaseSchemas schemas;
    private final long receiveTimeNanos;
    private final LongConsumer memory;
    private final Map<Precision, LineProtocolDecoder> lines = new EnumMap<>(Precision.class);
    private final JsonRows json;
    private final List<ColumnBatch> packed = new ArrayList<>();

    /**
     * @param receiveTimeNanos time of rows without one, in nanoseconds since 1970
     * @param memory hears of bytes before they are taken; what it throws passes through, and this must then be dropped
     */
    BatchDecoder(DatabaseSchemas schemas, long receiveTimeNanos, LongConsumer memory) {
        this.schemas = schemas;
        this.receiveTimeNanos = receiveTimeNanos;
        this.memory = memory;
        this.json = new JsonRows(schemas::find, DecodeLimits.DEFAULT, receiveTimeNanos, memory);
    }

    /**
     * Decodes a message. Of a payload with several rows the good ones are kept.
     *
     * @throws RejectedMessage when nothing of it can be stored
     * @throws WeirException {@code overloaded}, or what else the memory listener throws
     */
    Decoded add(InboundMessage message, MessageTarget target) {
        Decoded decoded = switch (target.subscription().format()) {
            case LINE_PROTOCOL -> addLines(message, target);
            case JSON -> json.add(message.payload(), target);
            case MESSAGE_PACK -> addPacked(message, target);
        };
        if (decoded.rows() == 0) {
            throw new RejectedMessage(decoded.reason() == null ? "there is no row in it" : decoded.reason());
        }
        return decoded;
    }

    private Decoded addLines(InboundMessage message, MessageTarget target) {
        byte[] body = target.lines().prefix(message.payload());
        if (body == null) {
            throw new RejectedMessage("a string holds a line break, which cannot be combined with tags or a measurement"
                    + " from the topic or the settings");
        }
        LineProtocolDecoder decoder =
                lines.computeIfAbsent(target.subscription().unit(), unit -> new LineProtocolDecoder(options(unit)));
        decoder.feed(body, 0, body.length);
        LinePart part = decoder.endPart();
        return new Decoded(
                part.accepted(),
                part.firstError() == null ? null : part.firstError().message());
    }

    private Decoded addPacked(InboundMessage message, MessageTarget target) {
        byte[] body = message.payload();
        try {
            DecodedWrite write =
                    new MessagePackDecoder(options(target.subscription().unit())).decode(body, 0, body.length);
            List<ColumnBatch> batches = new ArrayList<>();
            for (ColumnBatch batch : write.batches()) {
                batches.add(TaggedBatch.of(batch, target, schemas::find));
            }
            packed.addAll(batches);
            return new Decoded(write.acceptedRows(), null);
        } catch (WeirException e) {
            if (e.code().kind() == ErrorKind.CLIENT) {
                throw new RejectedMessage(e.detail());
            }
            throw e;
        }
    }

    private DecodeOptions options(Precision unit) {
        return new DecodeOptions(unit, receiveTimeNanos, schemas::find, DecodeLimits.DEFAULT, memory);
    }

    /** The rows of all messages. */
    List<ColumnBatch> finish() {
        List<ColumnBatch> batches = new ArrayList<>(packed);
        lines.values().forEach(decoder -> batches.addAll(decoder.finish().batches()));
        json.finish(batches);
        return batches;
    }
}
