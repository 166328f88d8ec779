using System.Net;
using Koubou.Worker.Backends.Privacy;

namespace Koubou.Worker.Tests.Harness;

/// <summary>Names lead where the test says, and may lead elsewhere the next time.</summary>
internal sealed class ScriptedResolver(params IReadOnlyList<string> answers) : IHostResolver
{
    private int _asked;

    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var answer = answers[Math.Min(_asked++, answers.Count - 1)];
        return Task.FromResult<IPAddress[]>([.. answer.Split(' ').Select(IPAddress.Parse)]);
    }
}
