using System.CommandLine;
using System.Globalization;
using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Hosting;
using Koubou.ServiceDefaults.Keys;
using Microsoft.Extensions.Configuration;

namespace Koubou.Cli.Keys;

/// <summary>
/// <c>koubou keys</c>: makes, lists and revokes API keys in the home's own file, so that it works before there is a
/// gateway; gateways see the change within a second.
/// </summary>
internal static class KeysCommand
{
    private const int CannotDo = 1;

    public static Command Create() => new("keys", "Make, list and revoke the API keys that open the workshop's doors.")
    {
        CreateAdd(),
        CreateList(),
        CreateRevoke(),
    };

    private static Command CreateAdd()
    {
        var name = new Argument<string>("name")
        {
            Description = "Who the key is for. Tasks that come in with it belong to this client.",
        };
        var scopes = new Option<string[]>("--scopes")
        {
            Description = $"What it may do: {string.Join(", ", KeyScopeWords.All)}. Default: submit,read.",
            AllowMultipleArgumentsPerToken = true,
        };
        var rate = Limit<int>("--requests-per-minute", "Requests a minute.");
        var concurrency = Limit<int>("--concurrency-max", "Requests, streams and sockets held at one time.");
        var live = Limit<long>("--live-tasks-max", "Tasks that may wait or run at one time.");
        var priority = Limit<int>("--priority-max", "The highest priority of its tasks, 1 to 10.");
        var expires = new Option<string?>("--expires")
        {
            Description = "When it ends: a number of days such as 30d, or a point in time such as 2030-01-31. Default: never.",
        };
        var home = CreateHome();
        var command = new Command("add", "Make a key. It is shown once: only its hash is kept.")
        {
            name, scopes, rate, concurrency, live, priority, expires, home,
        };
        command.SetAction((parsed, cancellationToken) => TellAsync(parsed, async (output, notes) =>
        {
            var rights = new KeyRights
            {
                Scopes = ReadScopes(parsed.GetValue(scopes) ?? []),
                RequestsPerMinute = parsed.GetValue(rate),
                ConcurrencyMax = parsed.GetValue(concurrency),
                LiveTasksMax = parsed.GetValue(live),
                PriorityMax = parsed.GetValue(priority),
                ExpiresAt = ReadExpiry(parsed.GetValue(expires), TimeProvider.System.GetUtcNow()),
            };
            var file = Open(parsed.GetValue(home));
            var isFirst = file.Read() is null;
            var (key, text) = await file.AddAsync(parsed.GetValue(name)!, rights, cancellationToken);

            // The key alone on standard output, for scripts: koubou keys add ci > ci.key
            await output.WriteLineAsync(text);
            await notes.WriteLineAsync(
                $"Made the key {key.Id} for '{key.Name}' ({string.Join(", ", key.Rights.Scopes.ToWords())}) in {file.Path}. "
                + "Keep it now: it cannot be shown again.");
            if (isFirst)
            {
                await notes.WriteLineAsync(
                    "This is the workshop's first key: from now on every door asks for one. The dashboard asks for a key "
                    + "with the scope admin, as the password.");
            }
        }));
        return command;
    }

    private static Command CreateList()
    {
        var home = CreateHome();
        var command = new Command("list", "List the keys of the home, without the keys themselves.") { home };
        command.SetAction((parsed, _) => TellAsync(parsed, async (output, notes) =>
        {
            var file = Open(parsed.GetValue(home));
            var keys = file.Read();
            if (keys is not { Count: > 0 })
            {
                await notes.WriteLineAsync(keys is null
                    ? $"No key was made in {file.Path}: on this machine the doors are open. Make one with: koubou keys add NAME"
                    : $"{file.Path} holds no key, so the doors are shut to all. Make one with: koubou keys add NAME");
                return;
            }

            await output.WriteAsync(KeyTable.Write(keys, TimeProvider.System.GetUtcNow()));
        }));
        return command;
    }

    private static Command CreateRevoke()
    {
        var key = new Argument<string>("key") { Description = "The key's id or name, as the list shows it." };
        var home = CreateHome();
        var command = new Command("revoke", "Revoke a key. What it holds open is broken off within seconds.") { key, home };
        command.SetAction((parsed, cancellationToken) => TellAsync(parsed, async (output, notes) =>
        {
            var file = Open(parsed.GetValue(home));
            var gone = await file.RevokeAsync(parsed.GetValue(key)!, cancellationToken)
                ?? throw new SettingException(
                    $"No key of {file.Path} has the id or name '{parsed.GetValue(key)}'. See: koubou keys list");
            await notes.WriteLineAsync($"Revoked the key {gone.Id} of '{gone.Name}'.");
            if (file.Read() is { Count: 0 })
            {
                await notes.WriteLineAsync(
                    $"It was the last one: the doors are now shut to all. Make another key, or delete {file.Path} to open "
                    + "them to everybody on this machine.");
            }
        }));
        return command;
    }

    private static Option<T> Limit<T>(string name, string description) =>
        new(name) { Description = $"{description} Default: no limit of its own." };

    private static Option<string?> CreateHome() => new("--home")
    {
        Description = $"The workshop's home. Default: {KoubouHome.Variable}, else .koubou in the folder of the solution, "
            + "else the user's data folder.",
    };

    private static KeyFile Open(string? home)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        return new KeyFile(
            home is null ? KoubouHome.Resolve(configuration) : new KoubouHome(Path.GetFullPath(home)), TimeProvider.System);
    }

    private static KeyScopes ReadScopes(string[] given)
    {
        var words = given.SelectMany(word => word.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)).ToArray();
        if (words.Length == 0)
        {
            return new KeyRights().Scopes;
        }

        return KeyScopeWords.TryParse(words, out var scopes, out var unknown)
            ? scopes
            : throw new SettingException($"'{unknown}' is no scope. Scopes are {string.Join(", ", KeyScopeWords.All)}.");
    }

    private static DateTimeOffset? ReadExpiry(string? text, DateTimeOffset now)
    {
        if (text is null)
        {
            return null;
        }

        if (text.EndsWith('d')
            && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and < 36_500)
        {
            return now.AddDays(days);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time > now
            ? time
            : throw new SettingException(
                $"--expires is '{text}'. Allowed: a number of days such as 30d, or a time in the future such as 2030-01-31.");
    }

    private static async Task<int> TellAsync(ParseResult parsed, Func<TextWriter, TextWriter, Task> act)
    {
        var notes = parsed.InvocationConfiguration.Error;
        try
        {
            await act(parsed.InvocationConfiguration.Output, notes);
            return 0;
        }
        catch (Exception error) when (error is SettingException or UnusableException or IOException or UnauthorizedAccessException)
        {
            await notes.WriteLineAsync(error.Message);
            return CannotDo;
        }
    }
}
