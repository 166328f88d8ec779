using System.CommandLine;
using Koubou.Cli.Tasks;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Backups;

/// <summary><c>koubou export</c>: tasks with their history and answers as lines of JSON.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var to = new Option<string?>("--to") { Description = "Write to this file. Default: standard output." };
        var filter = new TaskFilter();
        var command = new Command(
            "export",
            "Write tasks with their history and answers as lines of JSON, for a backup or another workshop.") { to };
        filter.AddTo(command);
        return command.Speaks(async (session, cancellationToken) =>
        {
            using var response = await session.Gateway.OpenAsync(
                HttpMethod.Get, $"export{filter.Read(session)}", cancellationToken: cancellationToken);
            if (session.Value(to) is not { } file)
            {
                await using var output = Console.OpenStandardOutput();
                await response.Content.CopyToAsync(output, cancellationToken);
                return ExitCode.Done;
            }

            // A backup that breaks off must not take the place of the last whole one.
            var part = file + ".part";
            await using (var target = File.Create(part))
            {
                await response.Content.CopyToAsync(target, cancellationToken);
            }

            File.Move(part, file, overwrite: true);
            await session.Surface.NoteAsync($"Wrote {file}.");
            return ExitCode.Done;
        });
    }
}
