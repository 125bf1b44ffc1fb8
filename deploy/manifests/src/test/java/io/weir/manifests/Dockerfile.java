package io.weir.manifests;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Dockerfile, read: comments and continued lines are gone.
 *
 * @param stages in their order; instructions before the first {@code FROM} are left out
 */
record Dockerfile(List<Stage> stages) {

    /**
     * What one {@code FROM} begins.
     *
     * @param base the image it begins with
     * @param name behind {@code AS}, or null
     * @param instructions behind {@code FROM}
     */
    record Stage(String base, @Nullable String name, List<Instruction> instructions) {

        /** Arguments of each instruction of that keyword. */
        List<String> all(String keyword) {
            return instructions.stream()
                    .filter(instruction -> instruction.keyword().equals(keyword))
                    .map(Instruction::arguments)
                    .toList();
        }

        /** Arguments of the only instruction of that keyword. */
        String only(String keyword) {
            List<String> all = all(keyword);
            if (all.size() != 1) {
                throw new AssertionError(all.size() + " times " + keyword + " (expected: once)");
            }
            return all.get(0);
        }
    }

    /** A keyword and what follows it on its line. */
    record Instruction(String keyword, String arguments) {

        /** Options of the instruction itself, {@code --name=value}, which come first. */
        List<String> options() {
            return words().takeWhile(word -> word.startsWith("--")).toList();
        }

        /** What follows the options. */
        List<String> operands() {
            return words().dropWhile(word -> word.startsWith("--")).toList();
        }

        private Stream<String> words() {
            return Arrays.stream(arguments.split(" +"));
        }
    }

    static Dockerfile read(Path file) {
        List<Stage> stages = new ArrayList<>();
        for (String line : joined(Deploy.text(file))) {
            String[] parts = line.split(" +", 2);
            String keyword = parts[0].toUpperCase(Locale.ROOT);
            if (keyword.equals("FROM")) {
                String[] from = parts[1].split(" +");
                stages.add(new Stage(from[0], from.length == 3 ? from[2] : null, new ArrayList<>()));
            } else if (!stages.isEmpty()) {
                stages.get(stages.size() - 1).instructions().add(new Instruction(keyword, parts[1]));
            }
        }
        return new Dockerfile(stages);
    }

    private static List<String> joined(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String raw : text.lines().toList()) {
            if (raw.isBlank() || raw.stripLeading().startsWith("#")) {
                continue;
            }
            boolean goesOn = raw.endsWith("\\");
            line.append(goesOn ? raw.substring(0, raw.length() - 1) : raw);
            if (!goesOn) {
                lines.add(line.toString().strip().replaceAll(" +", " "));
                line.setLength(0);
            }
        }
        return lines;
    }

    /** The last stage, which becomes the image. */
    Stage image() {
        return stages.get(stages.size() - 1);
    }

    /** A list of words in JSON, as {@code ENTRYPOINT} and {@code CMD} have it. */
    static List<String> words(String json) {
        return Arrays.asList(new JsonMapper().readValue(json, String[].class));
    }
}
