using System.Globalization;
using Koubou.OllamaStandIn;

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
Console.WriteLine($"Ollama stand-in listens on {server.Address}");
await server.WaitForShutdownAsync();

int Number(string key) => int.Parse(settings[key] ?? "0", CultureInfo.InvariantCulture);
