using System.Globalization;
using Koubou.ModelApiStandIn;

// dotnet run --project tests/Koubou.ModelApiStandIn -- --protocol anthropic --port 8081 --models small,large --key secret
var settings = new ConfigurationBuilder().AddCommandLine(args).Build();
IWireFormat format = settings["protocol"] == "anthropic" ? new AnthropicFormat() : new OpenAIFormat();
await using var server = await ModelApiServer.StartAsync(format, int.Parse(settings["port"] ?? "0", CultureInfo.InvariantCulture));
foreach (var model in (settings["models"] ?? "small").Split(',', StringSplitOptions.RemoveEmptyEntries))
{
    server.Models.Add(model);
}

server.Key = settings["key"];
Console.WriteLine($"{format.Name} stand-in listens on {server.Endpoint}");
await server.WaitForShutdownAsync();
