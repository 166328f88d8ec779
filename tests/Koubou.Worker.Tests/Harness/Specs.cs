using Koubou.Contracts;

namespace Koubou.Worker.Tests.Harness;

internal static class Specs
{
    public static TaskSpec Work(string prompt = "hello") => new() { Type = "work", Prompt = prompt };

    public static TaskSpec General(string prompt = "hello there") => new() { Type = "general", Prompt = prompt };
}
