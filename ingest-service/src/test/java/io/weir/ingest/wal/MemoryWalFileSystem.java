package io.weir.ingest.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that tears, fills up, fails and forgets. It keeps what a crash of the machine would leave apart from
 * what a process sees: {@link #crash} returns the disk after such a crash, with each unsynced block and each unsynced
 * directory change kept or lost by chance. A failed sync behaves as on Linux: what was dirty counts as clean afterwards,
 * whether it reached the device or not.
 */
public final class MemoryWalFileSystem implements WalFileSystem {

    private static final int BLOCK = 512;

    private final Map<String, Disk> seen = new HashMap<>();
    private final Map<String, Disk> durable = new HashMap<>();
    private final List<List<Change>> directoryChanges = new ArrayList<>();
    private final Random random;

    long capacityBytes = Long.MAX_VALUE;
    public BooleanSupplier failWrite = () -> false;
    public BooleanSupplier failSync = () -> false;
    BooleanSupplier shortWrite = () -> false;
    BooleanSupplier failRename = () -> false;
    Runnable beforeSync = () -> {};
    private long syncs;
    private long modifications; // time, as far as files have it
    private int openFiles;

    public MemoryWalFileSystem(long seed) {
        random = new Random(seed);
    }

    private record Write(int position, byte[] bytes) {}

    /** An entry of the directory that came ({@code disk} under {@code name}), or went (no disk). */
    private record Change(String name, @Nullable Disk disk) {}

    private static final class Disk {
        private byte[] bytes = new byte[0];
        private byte[] device = new byte[0];
        private final List<Write> dirty = new ArrayList<>();
        private long modified;

        private Disk copy() {
            Disk copy = new Disk();
            copy.bytes = bytes;
            copy.device = device;
            copy.modified = modified;
            copy.dirty.addAll(dirty);
            return copy;
        }
    }

    /** What is on the disk after the machine crashed now. */
    public synchronized MemoryWalFileSystem crash() {
        MemoryWalFileSystem after = new MemoryWalFileSystem(random.nextLong());
        after.modifications = modifications;
        Map<String, Disk> left = new HashMap<>(durable);
        for (List<Change> kept : directoryChanges.subList(0, random.nextInt(directoryChanges.size() + 1))) {
            apply(kept, left);
        }
        left.forEach((name, disk) -> {
            Disk copy = new Disk();
            copy.device = survivors(disk);
            copy.bytes = copy.device.clone();
            copy.modified = disk.modified;
            after.seen.put(name, copy);
            after.durable.put(name, copy);
        });
        after.capacityBytes = capacityBytes;
        return after;
    }

    /** The same disk for another process, after this one was killed: nothing is lost, nothing more is synced. */
    public synchronized MemoryWalFileSystem kill() {
        MemoryWalFileSystem after = new MemoryWalFileSystem(random.nextLong());
        after.modifications = modifications;
        Map<Disk, Disk> copies = new IdentityHashMap<>();
        seen.forEach((name, disk) -> after.seen.put(name, copies.computeIfAbsent(disk, Disk::copy)));
        durable.forEach((name, disk) -> after.durable.put(name, copies.computeIfAbsent(disk, Disk::copy)));
        for (List<Change> changes : directoryChanges) {
            List<Change> copied = new ArrayList<>();
            for (Change change : changes) {
                Disk disk = change.disk();
                copied.add(new Change(change.name(), disk == null ? null : copies.computeIfAbsent(disk, Disk::copy)));
            }
            after.directoryChanges.add(copied);
        }
        after.capacityBytes = capacityBytes;
        return after;
    }

    private static void apply(List<Change> changes, Map<String, Disk> directory) {
        for (Change change : changes) {
            Disk disk = change.disk();
            if (disk == null) {
                directory.remove(change.name());
            } else {
                directory.put(change.name(), disk);
            }
        }
    }

    private byte[] survivors(Disk disk) {
        byte[] device = disk.device;
        int mood = random.nextInt(4); // nothing, everything, or blocks at random
        for (Write write : disk.dirty) {
            for (int from = 0; from < write.bytes.length; ) {
                int n = Math.min(BLOCK - (write.position + from) % BLOCK, write.bytes.length - from);
                if (mood == 1 || (mood > 1 && random.nextBoolean())) {
                    device = patch(device, write.position + from, Arrays.copyOfRange(write.bytes, from, from + n));
                }
                from += n;
            }
        }
        return device;
    }

    private static byte[] patch(byte[] target, int position, byte[] source) {
        byte[] patched = Arrays.copyOf(target, Math.max(target.length, position + source.length));
        System.arraycopy(source, 0, patched, position, source.length);
        return patched;
    }

    synchronized byte[] get(String name) {
        return seen.get(name).bytes.clone();
    }

    synchronized void put(String name, byte[] bytes) {
        Disk disk = new Disk();
        disk.bytes = bytes.clone();
        disk.device = bytes.clone();
        disk.modified = ++modifications;
        seen.put(name, disk);
        durable.put(name, disk);
    }

    synchronized List<String> names() {
        return seen.keySet().stream().sorted().toList();
    }

    synchronized long usedBytes() {
        return new HashSet<>(seen.values())
                .stream().mapToLong(disk -> disk.bytes.length).sum();
    }

    synchronized long syncs() {
        return syncs;
    }

    synchronized int openFiles() {
        return openFiles;
    }

    @Override
    public synchronized List<String> list() {
        return seen.keySet().stream().filter(name -> !name.contains("/")).toList();
    }

    @Override
    public synchronized List<StoredFile> list(String folder) {
        return seen.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(folder))
                .map(entry -> new StoredFile(entry.getKey(), entry.getValue().bytes.length, entry.getValue().modified))
                .toList();
    }

    @Override
    public synchronized WalFile create(String name) {
        Disk disk = new Disk();
        seen.put(name, disk);
        directoryChanges.add(List.of(new Change(name, disk)));
        return new MemoryFile(disk);
    }

    @Override
    public synchronized WalFile open(String name) throws IOException {
        return new MemoryFile(require(name));
    }

    @Override
    public synchronized boolean exists(String name) {
        return seen.containsKey(name);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        Disk disk = require(from);
        if (failRename.getAsBoolean()) {
            throw new IOException("injected: rename fails");
        }
        seen.remove(from);
        seen.put(to, disk);
        directoryChanges.add(List.of(new Change(from, null), new Change(to, disk)));
    }

    @Override
    public synchronized void delete(String name) {
        if (seen.remove(name) != null) {
            directoryChanges.add(List.of(new Change(name, null)));
        }
    }

    @Override
    public synchronized void syncDirectory() throws IOException {
        if (failSync.getAsBoolean()) {
            throw new IOException("injected: directory sync fails");
        }
        directoryChanges.forEach(changes -> apply(changes, durable));
        directoryChanges.clear();
    }

    private Disk require(String name) throws NoSuchFileException {
        Disk disk = seen.get(name);
        if (disk == null) {
            throw new NoSuchFileException(name);
        }
        return disk;
    }

    private final class MemoryFile implements WalFile {

        private final Disk disk;
        private boolean open = true;

        MemoryFile(Disk disk) {
            this.disk = disk;
            openFiles++;
        }

        @Override
        public long size() {
            synchronized (MemoryWalFileSystem.this) {
                return disk.bytes.length;
            }
        }

        @Override
        public int read(ByteBuffer into, long position) {
            synchronized (MemoryWalFileSystem.this) {
                int n = (int) Math.min(into.remaining(), disk.bytes.length - position);
                if (n <= 0) {
                    return -1;
                }
                into.put(disk.bytes, (int) position, n);
                return n;
            }
        }

        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            synchronized (MemoryWalFileSystem.this) {
                if (!open) {
                    throw new IOException("the file is closed");
                }
                int wanted = from.remaining();
                int n = wanted > 1 && shortWrite.getAsBoolean() ? 1 + random.nextInt(wanted - 1) : wanted;
                boolean fail = failWrite.getAsBoolean();
                if (fail) {
                    n = random.nextInt(wanted + 1); // a failing write may have written some of it
                }
                long growth = Math.max(0, position + n - disk.bytes.length);
                long room = capacityBytes - usedBytes();
                if (growth > room) {
                    n = (int) Math.max(0, n - (growth - room));
                    fail |= n == 0;
                }
                byte[] bytes = new byte[n];
                from.get(bytes);
                disk.bytes = patch(disk.bytes, (int) position, bytes);
                disk.dirty.add(new Write((int) position, bytes));
                disk.modified = ++modifications;
                if (fail) {
                    throw new IOException("injected: write fails or no space left");
                }
                return n;
            }
        }

        @Override
        public void sync(boolean metadata) throws IOException {
            beforeSync.run();
            synchronized (MemoryWalFileSystem.this) {
                syncs++;
                if (failSync.getAsBoolean()) {
                    disk.device = survivors(disk);
                    disk.dirty.clear();
                    throw new IOException("injected: sync fails");
                }
                for (Write write : disk.dirty) {
                    disk.device = patch(disk.device, write.position, write.bytes);
                }
                disk.dirty.clear();
            }
        }

        @Override
        public void close() {
            synchronized (MemoryWalFileSystem.this) {
                if (open) {
                    open = false;
                    openFiles--;
                }
            }
        }
    }
}
