package io.weir.ingest.edge;

/** Makes a text fit for a header: printable ASCII on one line, of bounded length. */
final class HeaderText {

    private static final int MAX_LENGTH = 512;

    private HeaderText() {}

    static String of(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), MAX_LENGTH));
        for (int i = 0; i < text.length() && i < MAX_LENGTH; i++) {
            char c = text.charAt(i);
            out.append(c >= ' ' && c < 127 ? c : '?');
        }
        return out.toString();
    }
}
