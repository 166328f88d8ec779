using System.Text;

namespace Koubou.Worker.Backends.Demo;

/// <summary>What the demo backend says: the same for the same prompt, and always saying what it is.</summary>
internal static class DemoText
{
    private const int QuoteCharsMax = 200;
    private const int WordsShown = 5;

    private static readonly string[] SignsOfCode =
        ["code", "function", "class", "script", "program", "test", "implement", "python", "c#", "sql", "関数", "コード"];

    public static string For(string prompt)
    {
        var text = new StringBuilder();
        text.Append("[simulated] This is the demo backend of Koubou: no language model was asked. ")
            .Append("For real answers, start Ollama (ollama serve) and get a model (ollama pull gemma2:2b).\n\n")
            .Append("The task arrived, waited in the queue and was worked on by a craftsman. It asked:\n> ")
            .Append(Quote(prompt))
            .Append("\n\n");
        if (SignsOfCode.Any(sign => prompt.Contains(sign, StringComparison.OrdinalIgnoreCase)))
        {
            text.Append("A model would answer with code. The shape of it:\n\n```python\ndef ")
                .Append(FunctionName(prompt))
                .Append("(*args):\n    \"\"\"What the task asks for.\"\"\"\n    raise NotImplementedError(\"demo backend\")\n```\n");
        }
        else
        {
            var words = LongestWords(prompt);
            text.Append("A model would answer in prose")
                .Append(words.Count > 0 ? ", most likely about: " + string.Join(", ", words) : "")
                .Append(".\n");
        }

        return text.ToString();
    }

    private static string Quote(string prompt)
    {
        var line = prompt.ReplaceLineEndings(" ").Trim();
        return line.Length <= QuoteCharsMax ? line : string.Concat(line.AsSpan(0, QuoteCharsMax), " …");
    }

    private static string FunctionName(string prompt)
    {
        var words = LongestWords(prompt).Select(word => word.ToLowerInvariant()).Where(word => word.All(char.IsAsciiLetter));
        return string.Join('_', words.Take(3)) is { Length: > 0 } name ? name : "answer";
    }

    // In the order of the prompt: the longest words tell best what it is about.
    private static List<string> LongestWords(string prompt)
    {
        var words = prompt.Split((char[])[' ', '\n', '\t', '.', ',', ':', ';', '!', '?', '(', ')', '"', '\'', '`', '、', '。'],
                StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word.Length is > 3 and < 40)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToList();
        var longest = words.OrderByDescending(word => word.Length).Take(WordsShown).ToHashSet();
        return [.. words.Where(longest.Contains)];
    }
}
