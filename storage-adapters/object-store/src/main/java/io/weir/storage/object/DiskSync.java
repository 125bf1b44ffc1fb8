package io.weir.storage.object;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes files and names of files survive a crash of the machine. */
interface DiskSync {

    /** By {@code fsync}. */
    DiskSync FSYNC = new DiskSync() {
        @Override
        public void file(Path file) throws IOException {
            force(file, StandardOpenOption.WRITE);
        }

        @Override
        public void directory(Path directory) throws IOException {
            force(directory, StandardOpenOption.READ);
        }

        private void force(Path path, OpenOption option) throws IOException {
            try (FileChannel channel = FileChannel.open(path, option)) {
                channel.force(true);
            }
        }
    };

    /** Returns when the content of that file is on the device. */
    void file(Path file) throws IOException;

    /** Returns when the names in that directory are on the device. */
    void directory(Path directory) throws IOException;
}
