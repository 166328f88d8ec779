using System.CommandLine;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary><c>koubou output</c>: the answer as it is, or a file that the task left.</summary>
internal static class OutputCommand
{
    public static Command Create()
    {
        var id = ShowCommand.CreateId();
        var artifact = new Option<string?>("--artifact")
        {
            Description = "Instead of the answer: a file that the task left, such as changes.patch.",
        };

        var to = new Option<string?>("--to") { Description = "Write to this file instead of standard output." };
        return new Command(
            "output",
            "Print a task's answer, or a file that it left, byte for byte.") { id, artifact, to }
            .Speaks(async (session, cancellationToken) =>
            {
                var task = $"tasks/{GatewayClient.Escape(session.Value(id)!)}";
                if (session.AsJson)
                {
                    await session.Surface.WriteJsonAsync(await session.Gateway.GetAsync(task, cancellationToken));
                    return ExitCode.Done;
                }

                var path = session.Value(artifact) is { } name ? $"{task}/artifacts/{GatewayClient.Escape(name)}" : $"{task}/output";
                using var response = await session.Gateway.OpenAsync(HttpMethod.Get, path, cancellationToken: cancellationToken);
                if (response.Headers.Contains("X-Koubou-Simulated"))
                {
                    await session.Surface.NoteAsync("Simulated: no language model was asked; the demo backend made this answer up.");
                }

                await using var target = session.Value(to) is { } file ? File.Create(file) : Console.OpenStandardOutput();
                await response.Content.CopyToAsync(target, cancellationToken);
                return ExitCode.Done;
            });
    }
}
