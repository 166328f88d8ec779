using System.CommandLine;
using System.Globalization;
using Koubou.Cli.Terminal;
using Koubou.Cli.Workshop;

namespace Koubou.Cli.Tasks;

/// <summary><c>koubou list</c>: tasks, newest first.</summary>
internal static class ListCommand
{
    private const int LimitPreset = 20;
    private const int PageMax = 1_000;

    public static Command Create() => Create("list", "List tasks, newest first.", "tasks", new TaskFilter());

    /// <param name="name">The command's.</param>
    /// <param name="description">What it says of itself.</param>
    /// <param name="path">Whose pages it shows.</param>
    /// <param name="filter">Its filters.</param>
    public static Command Create(string name, string description, string path, TaskFilter filter)
    {
        var limit = new Option<int>("--limit", "-n")
        {
            Description = $"How many at most. Default: {LimitPreset}.",
            DefaultValueFactory = _ => LimitPreset,
            Validators = { result => CheckLimit(result) },
        };
        var oldest = new Option<bool>("--oldest-first") { Description = "The oldest first." };
        var ids = new Option<bool>("--ids")
        {
            Description = "Print ids alone, one a line, for other commands to take.",
        };

        var command = new Command(name, description);
        filter.AddTo(command);
        command.Add(limit);
        command.Add(oldest);
        command.Add(ids);
        return command.Speaks(async (session, cancellationToken) =>
        {
            var query = filter.Read(session).Add("oldest_first", session.Value(oldest) ? "true" : null);
            var wanted = session.Value(limit);
            return session.AsJson
                ? await PrintJsonAsync(session, path, query, wanted, cancellationToken)
                : await PrintAsync(session, path, query, wanted, session.Value(ids), cancellationToken);
        });
    }

    // One page as the workshop gives it: its token leads a script on.
    private static async Task<int> PrintJsonAsync(
        Session session, string path, Query query, int wanted, CancellationToken cancellationToken)
    {
        query.Add("page_size", Number(Math.Min(wanted, PageMax)));
        await session.Surface.WriteJsonAsync(await session.Gateway.GetAsync($"{path}{query}", cancellationToken));
        return ExitCode.Done;
    }

    private static async Task<int> PrintAsync(
        Session session, string path, Query query, int wanted, bool idsOnly, CancellationToken cancellationToken)
    {
        var tasks = new List<TaskJson>();
        query.Add("page_size", Number(Math.Min(wanted, PageMax)));
        TaskPageJson page;
        string? token = null;
        do
        {
            var next = token is null ? "" : $"&page_token={GatewayClient.Escape(token)}";
            page = await session.Gateway.GetAsync($"{path}{query}{next}", WorkshopJson.Default.TaskPageJson, cancellationToken);
            tasks.AddRange(page.Tasks.Take(wanted - tasks.Count));
            token = page.NextPageToken;
        }
        while (token is not null && tasks.Count < wanted);

        if (idsOnly)
        {
            foreach (var task in tasks)
            {
                await session.Surface.Output.WriteLineAsync(task.Id);
            }

            return ExitCode.Done;
        }

        if (tasks.Count == 0)
        {
            await session.Surface.NoteAsync("No task matches.");
            return ExitCode.Done;
        }

        session.Surface.Write(TaskTable.Of(tasks, TimeProvider.System.GetUtcNow()));
        if (page.Total > tasks.Count)
        {
            await session.Surface.NoteAsync(
                $"{tasks.Count} of {(page.TotalIsExact ? "" : "more than ")}{Figures.Count(page.Total)}; --limit shows more.");
        }

        return ExitCode.Done;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void CheckLimit(System.CommandLine.Parsing.OptionResult result)
    {
        const int LimitMax = 100_000;

        if (result.GetValueOrDefault<int>() is < 1 or > LimitMax)
        {
            result.AddError($"--limit must be from 1 to {LimitMax}.");
        }
    }
}
