package io.weir.ingest.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The directory of a log on a local disk. */
public final class LocalWalFileSystem implements WalFileSystem {

    private final Path directory;

    /** Files in that directory, which is made when it is needed. */
    public LocalWalFileSystem(Path directory) {
        this.directory = directory;
    }

    @Override
    public List<String> list() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(Files::isRegularFile)
                    .map(path -> path.getFileName().toString())
                    .toList();
        }
    }

    @Override
    public List<StoredFile> list(String folder) throws IOException {
        List<StoredFile> files = new ArrayList<>();
        if (Files.isDirectory(directory.resolve(folder))) {
            try (DirectoryStream<Path> paths =
                    Files.newDirectoryStream(directory.resolve(folder), Files::isRegularFile)) {
                for (Path path : paths) {
                    files.add(new StoredFile(
                            directory.relativize(path).toString(),
                            Files.size(path),
                            Files.getLastModifiedTime(path).toMillis()));
                }
            }
        }
        return files;
    }

    @Override
    public WalFile create(String name) throws IOException {
        Path path = directory.resolve(name);
        Files.createDirectories(path.toAbsolutePath().getParent());
        return new LocalFile(FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
    }

    @Override
    public WalFile open(String name) throws IOException {
        return new LocalFile(
                FileChannel.open(directory.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public boolean exists(String name) {
        return Files.exists(directory.resolve(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Path target = directory.resolve(to);
        Files.createDirectories(target.toAbsolutePath().getParent());
        Files.move(
                directory.resolve(from), target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
    }

    @Override
    public void syncDirectory() throws IOException {
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            // Elsewhere a directory cannot be opened, and need not be.
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private record LocalFile(FileChannel channel) implements WalFile {

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return channel.read(into, position);
        }

        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            return channel.write(from, position);
        }

        @Override
        public void sync(boolean metadata) throws IOException {
            channel.force(metadata);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
