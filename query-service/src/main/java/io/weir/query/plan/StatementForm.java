package io.weir.query.plan;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What an answer to a statement may be kept under, and whether it may be kept.
 *
 * @param digest equal for statements that differ in nothing but white space between words. It is taken from the engine's tree
 *     without its positions, so white space within a string tells apart; and from the text without white space, because the
 *     tree leaves out what is empty
 * @param steady whether the statement gives the same answer over the same rows, whenever it is asked: it looks at no clock,
 *     and leaves nothing to chance
 */
public record StatementForm(String digest, boolean steady) {

    /** Functions whose value is not that of their arguments. {@code age} of one argument counts from today. */
    private static final Set<String> UNSTEADY_FUNCTIONS = Set.of(
            "age",
            "ago",
            "current_date",
            "current_localtime",
            "current_localtimestamp",
            "current_time",
            "current_timestamp",
            "error",
            "gen_random_uuid",
            "get_current_time",
            "get_current_timestamp",
            "localtime",
            "localtimestamp",
            "now",
            "random",
            "today",
            "transaction_timestamp",
            "uuid",
            "uuidv4",
            "uuidv7");

    /** Words that are functions where there is no column of that name. */
    private static final Set<String> UNSTEADY_WORDS =
            Set.of("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp");

    private static final Set<String> POSITIONS = Set.of("query_location", "query_location_length");

    /** The form of a statement as sent; one that is no {@code SELECT} is told by its text alone, and is not steady. */
    public static StatementForm of(String sql, ParsedStatement statement) {
        Reader reader = new Reader();
        if (statement instanceof ParsedStatement.Select select) {
            reader.visit(select.tree());
        } else {
            reader.steady = false;
        }
        sql.codePoints().filter(c -> !Character.isWhitespace(c)).forEach(reader::add);
        return new StatementForm(HexFormat.of().formatHex(reader.digest.digest()), reader.steady);
    }

    /** Whether calling that function, in any case, makes a statement unsteady. */
    static boolean isUnsteady(String function) {
        return UNSTEADY_FUNCTIONS.contains(EngineNames.key(function));
    }

    private static final class Reader {

        private final MessageDigest digest = sha256();
        private boolean steady = true;

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        private void visit(JsonNode node) {
            if (node.isObject()) {
                look(node);
                add('{');
                for (Map.Entry<String, JsonNode> member : node.properties()) {
                    if (!POSITIONS.contains(member.getKey())) {
                        add(member.getKey());
                        visit(member.getValue());
                    }
                }
                add('}');
            } else if (node.isArray()) {
                add('[');
                node.forEach(this::visit);
                add(']');
            } else {
                add(node.toString());
            }
        }

        private void look(JsonNode node) {
            String kind = node.path("class").asString("");
            boolean unsteady = node.has("sample")
                    || ((kind.equals("FUNCTION") || kind.equals("WINDOW"))
                            && isUnsteady(StatementFence.functionName(node)))
                    || (kind.equals("COLUMN_REF") && isUnsteadyWord(node.path("column_names")));
            steady &= !unsteady;
        }

        private static boolean isUnsteadyWord(JsonNode names) {
            return names.size() == 1
                    && UNSTEADY_WORDS.contains(EngineNames.key(names.get(0).asString("")));
        }

        private void add(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            add(bytes.length);
            digest.update(bytes);
        }

        private void add(int number) {
            digest.update((byte) (number >> 24));
            digest.update((byte) (number >> 16));
            digest.update((byte) (number >> 8));
            digest.update((byte) number);
        }
    }
}
