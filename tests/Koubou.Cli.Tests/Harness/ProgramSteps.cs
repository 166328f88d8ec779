using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests.Harness;

/// <summary>Short words for running the program against a workshop.</summary>
internal static class ProgramSteps
{
    public static Task<Run> RunAsync(this WorkshopFixture workshop, params string[] arguments) =>
        KoubouProgram.RunAsync(workshop.Gateway.Main, arguments);

    public static Task<Run> RunWithInputAsync(this WorkshopFixture workshop, string input, params string[] arguments) =>
        KoubouProgram.RunAsync(workshop.Gateway.Main, arguments, input);

    public static KoubouProgram Start(this WorkshopFixture workshop, params string[] arguments) =>
        KoubouProgram.Start(workshop.Gateway.Main, arguments);

    /// <summary>Runs it and expects it to end well.</summary>
    public static async Task<Run> DoAsync(this WorkshopFixture workshop, params string[] arguments)
    {
        var run = await workshop.RunAsync(arguments);
        Assert.True(run.Code == 0, $"Exit code {run.Code}: {run.Notes}{run.Output}");
        return run;
    }

    /// <summary>Submits a task and returns its id.</summary>
    public static async Task<string> SubmitAsync(this WorkshopFixture workshop, string type, string prompt = "Say hello.") =>
        Assert.Single((await workshop.DoAsync("submit", prompt, "--type", type)).Lines);
}
