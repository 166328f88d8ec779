using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Koubou.OllamaStandIn;

// --answers FILE: a JSON object; a prompt that holds a key is answered by its value.
// dotnet run --project tests/Koubou.OllamaStandIn -- --port 11434 --models gemma2:2b --piece-delay 20 --load-delay 500 --parallel 4
var settings = new ConfigurationBuilder().AddCommandLine(args).Build();
await using var server = await StandInServer.StartAsync(Number("port"));
foreach (var model in (settings["models"] ?? "gemma2:2b").Split(',', StringSplitOptions.RemoveEmptyEntries))
{
    server.AddModel(model);
}

server.PieceDelay = TimeSpan.FromMilliseconds(Number("piece-delay"));
server.LoadDelay = TimeSpan.FromMilliseconds(Number("load-delay"));
server.Parallel = Number("parallel");
server.LoadedMax = settings["loaded-max"] is { } max ? int.Parse(max, CultureInfo.InvariantCulture) : int.MaxValue;
server.PullError = settings["pull-error"];
if (settings["answers"] is { } file)
{
    var answers = JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllTextAsync(file))!;
    var other = server.Answer;
    server.Answer = prompt => answers.FirstOrDefault(answer => prompt.Contains(answer.Key, StringComparison.Ordinal)).Value is { } text
        ? Program.Pieces().Matches(text).Select(piece => piece.Value)
        : other(prompt);
}

Console.WriteLine($"Ollama stand-in listens on {server.Address}");
await server.WaitForShutdownAsync();

int Number(string key) => int.Parse(settings[key] ?? "0", CultureInfo.InvariantCulture);

internal static partial class Program
{
    // Words with the space before them, as models write.
    [GeneratedRegex(@"\s*\S+|\s+", RegexOptions.None, 1_000)]
    internal static partial Regex Pieces();
}
