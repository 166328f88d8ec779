using Koubou.Cli.Tests.Harness;
using Koubou.Gateway.Tests.Workshop;

namespace Koubou.Cli.Tests;

public sealed class CommandLineTests(WorkshopFixture workshop)
{
    public static TheoryData<string> Commands =>
    [
        "submit", "watch", "list", "show", "output", "cancel", "retry", "batch submit", "batch list", "batch show",
        "batch cancel", "batch delete", "dead-letter list", "dead-letter replay", "dead-letter purge", "workers",
        "workers drain", "workers resume", "workers limit", "status", "doctor", "load", "export", "import", "keys add", "mcp",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_OfEveryCommand_IsThere(string command)
    {
        var run = await KoubouProgram.RunAsync(null, [.. command.Split(' '), "--help"]);

        Assert.Equal((0, ""), (run.Code, run.Notes));
        Assert.Contains($"koubou {command}", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_NamesEveryCommandAndTheExitCodes()
    {
        var run = await KoubouProgram.RunAsync(null, ["--help"]);

        Assert.All(Commands, command => Assert.Contains($"\n  {command.Data.Split(' ')[0]}", run.Output, StringComparison.Ordinal));
        Assert.Contains("Exit codes: 0 done; 1 ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("list", "--limit", "0")]
    [InlineData("load", "--tasks", "100001")]
    [InlineData("show")]
    [InlineData("list", "--url", "ftp://x")]
    public async Task WrongCommandLine_EndsWithTwo_AndNamesTheHelp(params string[] arguments)
    {
        var run = await workshop.RunAsync(arguments);

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("See: koubou ", run.Notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("submit", "x")]
    [InlineData("watch")]
    [InlineData("load", "--tasks", "1")]
    public async Task WithNoWorkshopRunning_SaysHowToStartIt(params string[] arguments)
    {
        var run = await KoubouProgram.RunAsync(new Uri("http://127.0.0.1:9"), arguments);

        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("dotnet run --project Koubou.AppHost", run.Notes, StringComparison.Ordinal);
        Assert.Contains("koubou doctor", run.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AgainstAnotherServer_SaysThatItIsNoWorkshop()
    {
        var run = await KoubouProgram.RunAsync(new Uri(workshop.Gateway.Main, "/elsewhere"), ["list"]);

        Assert.Equal(1, run.Code);
        Assert.DoesNotContain("   at ", run.Notes, StringComparison.Ordinal);
    }
}
