package io.weir.query.cache;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A selection as processes tell each other: layout (1 byte), then its five members in order, each as its length (4 bytes, -1
 * for none) and UTF-8.
 */
final class SelectionBytes {

    private static final byte LAYOUT = 1;
    private static final int MEMBERS = 5;

    private SelectionBytes() {}

    static byte[] write(Selection selection) {
        List<byte @Nullable []> members = new ArrayList<>();
        int size = 1;
        for (String text : Arrays.asList(
                selection.organisation(),
                selection.key(),
                selection.pattern(),
                selection.database(),
                selection.measurement())) {
            byte[] member = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
            members.add(member);
            size += Integer.BYTES + (member == null ? 0 : member.length);
        }
        ByteBuffer out = ByteBuffer.allocate(size).put(LAYOUT);
        for (byte[] member : members) {
            if (member == null) {
                out.putInt(-1);
            } else {
                out.putInt(member.length).put(member);
            }
        }
        return out.array();
    }

    /** The selection; null when the bytes are none, as those of another version may be. */
    static @Nullable Selection read(byte[] bytes) {
        if (bytes.length == 0 || bytes[0] != LAYOUT) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        @Nullable String[] members = new String[MEMBERS];
        try {
            for (int i = 0; i < MEMBERS; i++) {
                int length = in.getInt();
                if (length >= 0) {
                    if (length > in.remaining()) {
                        return null;
                    }
                    byte[] member = new byte[length];
                    in.get(member);
                    members[i] = new String(member, StandardCharsets.UTF_8);
                }
            }
        } catch (BufferUnderflowException cutOff) {
            return null;
        }
        String organisation = members[0];
        return organisation == null || in.hasRemaining()
                ? null
                : new Selection(organisation, members[1], members[2], members[3], members[4]);
    }
}
