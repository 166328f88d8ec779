using Koubou.Gateway.Tests.Workshop;
using Microsoft.Playwright;

namespace Koubou.Gateway.Tests.GraphQL.Ide;

/// <summary>The page at /graphql, in a browser, as ./test.sh builds it: with npm, so with GraphiQL.</summary>
public sealed class IdeTests(WorkshopFixture workshop, IdeBrowser browser) : IClassFixture<IdeBrowser>
{
    private const string Query = ".graphiql-query-editor .CodeMirror";
    private const string Result = ".result-window .CodeMirror";

    [Fact]
    public async Task Page_RunsAQuery_AndLoadsNothingFromElsewhere()
    {
        await using var context = await browser.Chromium.NewContextAsync();
        var (page, faults) = await OpenAsync(context);
        var hosts = new List<string>();
        page.Request += (_, request) => hosts.Add(request.Url.StartsWith("data:", StringComparison.Ordinal) ? "" : new Uri(request.Url).Authority);

        await page.ReloadAsync();
        await RunAsync(page, "{ systemStatus { activeWorkers pendingTasks completedTasks } }");
        var answer = await ShownAsync(page, "completedTasks");

        Assert.Contains("\"pendingTasks\":", answer);
        Assert.All(hosts.Where(host => host.Length > 0), host => Assert.Equal(workshop.Gateway.GraphQl.Authority, host));
        Assert.Empty(faults);
    }

    [Fact]
    public async Task Page_FollowsASubscription()
    {
        var type = workshop.NewType();
        await using var context = await browser.Chromium.NewContextAsync();
        var (page, faults) = await OpenAsync(context);

        await RunAsync(page, $$"""subscription { taskEvents(types: ["{{type}}"]) { sequence change { taskId event } } }""");
        await ShownAsync(page, "\"change\": null");
        var id = await workshop.Http.DelegateAsync(type);
        var answer = await ShownAsync(page, id);

        Assert.Contains("\"event\": \"submitted\"", answer);
        Assert.Empty(faults);
    }

    [Fact]
    public async Task Page_KnowsTheSchema()
    {
        await using var context = await browser.Chromium.NewContextAsync();
        var (page, faults) = await OpenAsync(context);

        await page.GetByRole(AriaRole.Button, new() { Name = "Show Documentation Explorer" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Mutation" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "submitTask", Exact = true }).WaitForAsync();

        Assert.Empty(faults);
    }

    [Theory]
    [InlineData(ColorScheme.Light, "light")]
    [InlineData(ColorScheme.Dark, "dark")]
    public async Task Page_TakesTheReadersColours(ColorScheme wished, string name)
    {
        await using var context = await browser.Chromium.NewContextAsync(new() { ColorScheme = wished });
        var (page, _) = await OpenAsync(context);

        var shade = await page.EvaluateAsync<int>(
            "() => { const c = getComputedStyle(document.querySelector('.graphiql-container')).backgroundColor; "
            + "return parseInt(c.match(/[0-9]+/)[0]); }");
        if (Environment.GetEnvironmentVariable("KOUBOU_PICTURES") is { Length: > 0 } folder)
        {
            await RunAsync(page, "{ systemStatus { activeWorkers pendingTasks completedTasks } }");
            await ShownAsync(page, "completedTasks");
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"graphiql-{name}.png") });
        }

        Assert.Equal(wished == ColorScheme.Light, shade > 128);
    }

    private static async Task RunAsync(IPage page, string query)
    {
        await page.WaitForSelectorAsync(Query);
        await page.EvaluateAsync("([at, text]) => document.querySelector(at).CodeMirror.setValue(text)", new[] { Query, query });
        await page.GetByRole(AriaRole.Button, new() { Name = "Execute query" }).ClickAsync();
    }

    /// <summary>The answer, once these words stand in it.</summary>
    private static async Task<string> ShownAsync(IPage page, string words)
    {
        await page.WaitForFunctionAsync(
            "([at, words]) => document.querySelector(at)?.CodeMirror?.getValue().includes(words)", new[] { Result, words });
        return await page.EvaluateAsync<string>("at => document.querySelector(at).CodeMirror.getValue()", Result);
    }

    // Faults: what the page's own policy or its scripts complain of.
    private async Task<(IPage Page, List<string> Faults)> OpenAsync(IBrowserContext context)
    {
        var page = await context.NewPageAsync();
        var faults = new List<string>();
        page.PageError += (_, error) => faults.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                faults.Add(message.Text);
            }
        };
        await page.GotoAsync(new Uri(workshop.Gateway.GraphQl, "/graphql").ToString());
        await page.WaitForSelectorAsync(Query);
        return (page, faults);
    }
}
