using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.Whole;

/// <summary>What every service runs with, on one page; what is secret, nowhere.</summary>
[Collection(WholeWorkshop.Collection)]
public sealed partial class EffectiveSettingsTests(WholeWorkshop workshop)
{
    private const string Planted = "planted-9c41";

    [Fact]
    public async Task Settings_OfAllServices_AreShown_AndNoSecretIs()
    {
        await using var node = await workshop.StartNodeAsync(
            "worker-secret",
            ("Koubou__Worker__Capabilities", "planted"),
            ("Koubou__Worker__SlotsMax", "3"),
            ("Koubou__Worker__Backends__big__Kind", "openai"),
            ("Koubou__Worker__Backends__big__Endpoint", $"http://127.0.0.1:9/{Planted[..3]}"),
            ("Koubou__Worker__Backends__big__Model", "small"),
            ("Koubou__Worker__Backends__big__ApiKey", Planted),
            ("Koubou__Worker__Agents__Clis__aider__Command", "no-such-agent"),
            ("Koubou__Worker__Agents__Clis__aider__Arguments__0", "--api-key"),
            ("Koubou__Worker__Agents__Clis__aider__Arguments__1", Planted),
            ("Koubou__Worker__Codex__Config__headers", Planted));
        var page = await workshop.OpenAsync("/workers");
        await page.Locator("[data-node=worker-secret]").WaitForAsync(new() { Timeout = 60_000 });
        await page.Locator("[data-place=settings]").ClickAsync();

        await Expect(page.Locator("[data-service=gateway] [data-setting='Koubou:Gateway:Limits:SocketsMax'] dd")).ToHaveTextAsync("2000");
        await Expect(page.Locator("[data-service=scheduler] [data-setting='Koubou:Queue'] dd")).ToHaveTextAsync("sqlite");
        await Expect(page.Locator("[data-service=web] [data-setting='Koubou:Web:CloudPrice:Currency'] dd")).ToHaveTextAsync("USD");
        await page.Locator("[data-search]").FillAsync("worker-secret");
        var sheet = page.Locator("[data-node=worker-secret]");
        await Expect(sheet.Locator("[data-setting='Koubou:Worker:SlotsMax'] dd")).ToHaveTextAsync("3");
        await Expect(sheet.Locator("[data-setting='Koubou:Worker:Backends:big:ApiKey'] dd")).ToHaveTextAsync("•••");
        await Expect(sheet.Locator("[data-setting='Koubou:Worker:Agents:Clis:aider:Arguments'] dd")).ToHaveTextAsync("--api-key, •••");
        await Expect(page.Locator("[data-node=worker-01]")).ToHaveCountAsync(0);

        using var http = new HttpClient();
        Assert.DoesNotContain(Planted, await page.ContentAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(Planted, await http.GetStringAsync($"{workshop.Gateway}api/v1/settings"), StringComparison.Ordinal);
        Assert.DoesNotContain(Planted, await http.GetStringAsync($"{workshop.Gateway}api/v1/workers"), StringComparison.Ordinal);
        Assert.Empty(workshop.LogsWith(Planted));
    }

    /// <summary>Options that a class of the product binds are options that an operator sees.</summary>
    [Fact]
    public async Task EverySection_OfTheSources_IsShown()
    {
        string[] elsewhere =
        [
            // Of engines that this workshop does not use, and lists whose entries have sections of their own.
            "Queue:Redis", "Queue:RabbitMq", "Koubou:Worker:Backends", "Koubou:Gateway:ApiKeys", "Koubou:TaskTypes",
        ];
        using var http = new HttpClient();
        var shown = await http.GetStringAsync($"{workshop.Gateway}api/v1/settings");
        var page = await workshop.OpenAsync("/settings");
        await page.Locator("[data-service=gateway]").WaitForAsync();
        shown += string.Join(' ', await page.Locator("[data-service=web] dt").AllTextContentsAsync());

        var sections = WholeWorkshop.SourcesOf("Koubou.Gateway", "Koubou.Scheduler", "Koubou.Worker", "Koubou.Web")
            .SelectMany(source => SectionPattern().Matches(source)).Select(match => match.Groups["name"].Value).Distinct().ToList();

        Assert.NotEmpty(sections);
        Assert.All(sections.Except(elsewhere), section => Assert.Contains(section + ":", shown, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_AreNamedAndNotTold_AndOnlyAnAdminSeesSettings()
    {
        using var http = new HttpClient();

        var master = await AskAsync(http, "api/v1/settings", WholeWorkshop.MasterKey);
        var own = await AskAsync(http, "dashboard/gateway/settings", WholeWorkshop.MasterKey);
        var visitor = await AskAsync(http, "dashboard/gateway/settings", WholeWorkshop.VisitorKey);

        Assert.Contains("visitor (read)", master.Text, StringComparison.Ordinal);
        Assert.Contains("\"node\":\"worker-01\"", master.Text, StringComparison.Ordinal);
        Assert.Contains("visitor (read)", own.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(WholeWorkshop.MasterKey, master.Text + own.Text, StringComparison.Ordinal);
        Assert.Equal(403, visitor.Status);
        var page = await (await workshop.NewContextAsync()).NewPageAsync();
        await page.GotoAsync($"{workshop.Keyed}dashboard/settings");
        await page.Locator("#key").FillAsync(WholeWorkshop.VisitorKey);
        await page.Locator("button[type=submit]").ClickAsync();
        await page.Locator("[data-refusal]").WaitForAsync();
        await Expect(page.Locator("[data-setting]")).ToHaveCountAsync(0);
        await Expect(page.Locator("[data-place=settings]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Master_SeesTheGatewaysSettings_ByTheSession()
    {
        var page = await (await workshop.NewContextAsync()).NewPageAsync();
        await page.GotoAsync($"{workshop.Keyed}dashboard/settings");
        await page.Locator("#key").FillAsync(WholeWorkshop.MasterKey);
        await page.Locator("button[type=submit]").ClickAsync();

        await page.Locator("html[data-interactive]").WaitForAsync();
        await page.Locator("[data-service=gateway] [data-setting=Keys] dd >> text=visitor (read)").WaitForAsync();
    }

    [GeneratedRegex("const string Section = \"(?<name>[^\"]+)\"", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex SectionPattern();

    private async Task<(int Status, string Text)> AskAsync(HttpClient http, string path, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, workshop.Keyed + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
