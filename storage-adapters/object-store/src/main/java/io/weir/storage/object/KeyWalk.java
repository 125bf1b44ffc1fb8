package io.weir.storage.object;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files under one directory as objects, in ascending order of keys, one directory of each level in memory at a time.
 * Directories that cannot hold a wanted key are not opened. Blocks; not thread-safe.
 */
final class KeyWalk {

    /** As a store orders keys: a directory sorts as its name with a slash. */
    private static final Comparator<String> BY_BYTES =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private final Path root;
    private final String prefix;
    private final String after;
    private final Deque<Iterator<String>> open = new ArrayDeque<>();

    /** @param root holds the objects; names in it that start with a dot are not objects */
    KeyWalk(Path root, String prefix, String after) throws IOException {
        this.root = root;
        this.prefix = prefix;
        this.after = after;
        open.push(entries(prefix.substring(0, prefix.lastIndexOf('/') + 1)));
    }

    /** The next object, or null at the end. */
    @Nullable
    ObjectInfo next() throws IOException {
        while (!open.isEmpty()) {
            if (!open.element().hasNext()) {
                open.pop();
                continue;
            }
            String key = open.element().next();
            if (key.endsWith("/")) {
                open.push(entries(key));
                continue;
            }
            ObjectInfo info = sizeOf(key);
            if (info != null) {
                return info;
            }
        }
        return null;
    }

    /** Null when the file was removed since its directory was read. */
    private @Nullable ObjectInfo sizeOf(String key) throws IOException {
        try {
            return infoOf(key, root.resolve(key));
        } catch (NoSuchFileException gone) {
            return null;
        }
    }

    static ObjectInfo infoOf(String key, Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new ObjectInfo(
                key, attributes.size(), null, attributes.lastModifiedTime().toInstant());
    }

    /** Keys of a directory's files, and of its directories with a slash, that may be or lead to something wanted. */
    private Iterator<String> entries(String directory) throws IOException {
        List<String> keys = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(root.resolve(directory))) {
            for (Path path : paths) {
                String name = String.valueOf(path.getFileName());
                if (directory.isEmpty() && name.startsWith(".")) {
                    continue;
                }
                String key = directory + name + (Files.isDirectory(path) ? "/" : "");
                if (wanted(key)) {
                    keys.add(key);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException gone) {
            return keys.iterator();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        keys.sort(BY_BYTES);
        return keys.iterator();
    }

    private boolean wanted(String key) {
        if (key.endsWith("/")) {
            boolean leadsToPrefix = key.startsWith(prefix) || prefix.startsWith(key);
            return leadsToPrefix && (after.startsWith(key) || BY_BYTES.compare(key, after) > 0);
        }
        return key.startsWith(prefix) && BY_BYTES.compare(key, after) > 0;
    }
}
