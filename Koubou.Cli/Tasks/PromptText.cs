using System.CommandLine;
using System.Text;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary>The prompt, from the command line, files and standard input, in this order.</summary>
internal sealed class PromptText
{
    private const string StandardInput = "-";

    public Argument<string?> Words { get; } = new("prompt")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "What is asked. Without it: what the files say, else what comes in on standard input.",
    };

    public Option<string[]> Files { get; } = new("--file", "-f")
    {
        Description = "A text file that follows the prompt; - is standard input. May be repeated.",
    };

    public void AddTo(Command command)
    {
        command.Add(Words);
        command.Add(Files);
    }

    public async Task<string> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var words = parsed.GetValue(Words);
        var files = parsed.GetValue(Files) ?? [];
        if (words is null && files.Length == 0)
        {
            // A terminal would wait for typing that nobody knows of.
            files = Console.IsInputRedirected
                ? [StandardInput]
                : throw new UsageException("There is no prompt. Give it as an argument, by --file, or on standard input.");
        }

        var parts = new List<string>();
        if (words is not null)
        {
            parts.Add(words);
        }

        foreach (var file in files)
        {
            parts.Add((await ReadFileAsync(file, cancellationToken)).TrimEnd());
        }

        var prompt = string.Join("\n\n", parts);
        return string.IsNullOrWhiteSpace(prompt) ? throw new UsageException("The prompt is empty.") : prompt;
    }

    /// <summary>The text of a file that an option names.</summary>
    public static async Task<string> ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        if (file == StandardInput)
        {
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            return await input.ReadToEndAsync(cancellationToken);
        }

        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The file '{file}' cannot be read: {error.Message}");
        }
    }
}
