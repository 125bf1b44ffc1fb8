package io.weir.storage.object;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** How the adapters move bytes between files and streams: in buffers of one size, on the scheduler for disk work. */
public final class ObjectTransfer {

    /** Most bytes of one buffer that is read. */
    public static final int BUFFER_BYTES = 256 << 10;

    /** Bytes of one part when the length of the content is not known before; held in heap until the part is sent. */
    public static final int STREAM_PART_BYTES = 8 << 20;

    private ObjectTransfer() {}

    /**
     * Stores content whose length is not known: in one call when it ends within {@link #STREAM_PART_BYTES}, else in parts
     * of that size, the last one shorter or, when all are full, as long as the others.
     *
     * @param whole stores all of it, which may be empty
     * @param parts stores it part by part, at its own pace
     */
    public static Mono<ObjectInfo> put(
            Publisher<ByteBuffer> content,
            Function<ByteBuffer, Mono<ObjectInfo>> whole,
            Function<Flux<ByteBuffer>, Mono<ObjectInfo>> parts) {
        return PartCutter.cut(content, STREAM_PART_BYTES)
                .switchOnFirst((first, cut) -> {
                    ByteBuffer part = first.get();
                    if (part == null) {
                        return cut.cast(ObjectInfo.class).switchIfEmpty(whole.apply(ByteBuffer.allocate(0)));
                    }
                    return part.remaining() < STREAM_PART_BYTES ? cut.concatMap(whole, 1) : parts.apply(cut);
                })
                .next();
    }

    /** {@link ObjectStore#removeAll} by one {@link ObjectStore#remove} a key, {@code atOnce} at a time. */
    public static Flux<NotRemoved> removeEach(ObjectStore store, Collection<String> keys, int atOnce) {
        return Flux.fromIterable(keys)
                .flatMap(
                        key -> store.remove(key)
                                .then(Mono.<NotRemoved>empty())
                                .onErrorResume(e -> Mono.just(new NotRemoved(key, e))),
                        atOnce);
    }

    /**
     * The bytes {@code [offset, offset + length)} of a file, in new buffers of {@link #BUFFER_BYTES}; fewer when it ends
     * before. Can be subscribed to again.
     */
    public static Flux<ByteBuffer> read(Path file, long offset, long length, Scheduler io) {
        return Flux.usingWhen(
                Mono.fromCallable(() -> FileChannel.open(file, StandardOpenOption.READ))
                        .subscribeOn(io),
                channel -> Flux.<ByteBuffer, Long>generate(() -> offset, (position, sink) -> {
                            long left = offset + length - position;
                            try {
                                ByteBuffer buffer =
                                        left <= 0 ? null : ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, left));
                                int read = buffer == null ? -1 : channel.read(buffer, position);
                                if (buffer == null || read < 0) {
                                    sink.complete();
                                    return position;
                                }
                                sink.next(buffer.flip());
                                return position + read;
                            } catch (IOException e) {
                                sink.error(e);
                                return position;
                            }
                        })
                        .subscribeOn(io),
                channel -> closed(channel, io));
    }

    /** Closes on that scheduler: the thread that cancels may be one that must not block. */
    public static Mono<Void> closed(FileChannel channel, Scheduler io) {
        return onDisk(
                () -> {
                    channel.close();
                    return null;
                },
                io);
    }

    /** Disk work on that scheduler. */
    public static <T> Mono<T> onDisk(Callable<T> work, Scheduler io) {
        return Mono.fromCallable(work).subscribeOn(io);
    }

    /** Reads a file once for its checksum. Blocks. */
    public static Checksum checksum(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(buffer) >= 0) {
                crc.update(buffer.flip());
                buffer.clear();
            }
        }
        return Checksum.of(crc);
    }

    /**
     * Writes a stream to an open channel at its position, asking for one buffer at a time.
     *
     * @return the bytes written; the channel stays open
     */
    public static Mono<Long> write(Flux<ByteBuffer> content, FileChannel channel, Scheduler io) {
        return content.publishOn(io, 2)
                .map(buffer -> {
                    int bytes = buffer.remaining();
                    try {
                        while (buffer.hasRemaining()) {
                            channel.write(buffer);
                        }
                    } catch (IOException e) {
                        throw reactor.core.Exceptions.propagate(e);
                    }
                    return (long) bytes;
                })
                .reduce(0L, Long::sum);
    }
}
