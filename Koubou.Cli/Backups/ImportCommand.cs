using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Backups;

/// <summary><c>koubou import</c>: takes exported tasks in.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "What koubou export wrote; - is standard input." };
        return new Command(
            "import",
            "Take exported tasks in. Those that are here already are passed over, so it may be repeated.") { file }
            .Speaks(async (session, cancellationToken) =>
            {
                await using var lines = Open(session.Value(file)!);
                using var content = new StreamContent(lines);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
                using var response = await session.Gateway.OpenAsync(HttpMethod.Post, "import", content, cancellationToken: cancellationToken);
                var reply = JsonElement.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
                if (session.AsJson)
                {
                    await session.Surface.WriteJsonAsync(reply);
                    return ExitCode.Done;
                }

                var import = reply.Deserialize(WorkshopJson.Default.ImportJson)!;
                await session.Surface.Output.WriteLineAsync(
                    $"{Figures.Count(import.Imported)} taken in, {Figures.Count(import.PassedOver)} were here already");
                return ExitCode.Done;
            });
    }

    private static Stream Open(string file)
    {
        try
        {
            return file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The file '{file}' cannot be read: {error.Message}");
        }
    }
}
