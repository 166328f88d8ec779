using Deque.AxeCore.Playwright;
using Koubou.Contracts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Koubou.Web.Tests.Whole;

/// <summary>Where the gateway asks for keys, the dashboard opens after a sign-in, and does what the key allows.</summary>
[Collection(WholeWorkshop.Collection)]
public sealed class SignInTests(WholeWorkshop workshop)
{
    [Fact]
    public async Task Master_SignsInActsAndSignsOut()
    {
        var id = await WaitingAsync();
        var page = await OpenAsync($"/tasks/{id}");
        Assert.Empty((await page.RunAxe()).Violations.Where(fault => fault.Impact is "serious" or "critical").Select(fault => fault.Id));

        await SignInAsync(page, "not-a-key-of-this-house");
        await page.Locator("[role=alert]").WaitForAsync();
        await SignInAsync(page, WholeWorkshop.MasterKey);
        await page.Locator($"[data-task='{id}']").WaitForAsync();
        await page.Locator("html[data-interactive]").WaitForAsync();
        var cookie = Assert.Single(await page.Context.CookiesAsync(), cookie => cookie.Name == "koubou-session");
        Assert.Equal((true, SameSiteAttribute.Strict, "/dashboard"), (cookie.HttpOnly, cookie.SameSite, cookie.Path));
        Assert.DoesNotContain(WholeWorkshop.MasterKey, cookie.Value, StringComparison.Ordinal);

        await page.Locator("[data-ask=cancel]").ClickAsync();
        await page.Locator("[data-confirm=cancel]").ClickAsync();
        await page.Locator("[data-state=cancelled]").WaitForAsync();
        await page.Locator(".sign-out[data-key=master] button").ClickAsync();
        await page.Locator("#key").WaitForAsync();
        await page.GotoAsync($"{workshop.Keyed}dashboard");
        await page.Locator("#key").WaitForAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, "en", 1280)]
    [InlineData(ColorScheme.Dark, "ja", 390)]
    public async Task GatewaysOwnPages_HaveNoSeriousFaultForAssistiveTechnology(ColorScheme theme, string language, int width)
    {
        var context = await workshop.NewContextAsync(language, theme, width);
        var page = await context.NewPageAsync();
        foreach (var (gateway, seen) in new[] { (workshop.Keyed, "#key"), (workshop.Webless, $"html[lang={language}] h1") })
        {
            await page.GotoAsync($"{gateway}dashboard");
            await page.Locator(seen).WaitForAsync();
            Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
            Assert.Empty((await page.RunAxe()).Violations.Where(fault => fault.Impact is "serious" or "critical").Select(fault => fault.Id));
        }
    }

    [Fact]
    public async Task Visitor_SeesAll_AndFindsNoButtonThatActs()
    {
        var id = await WaitingAsync();
        var page = await OpenAsync("/tasks");
        // What a browser claims about itself never passes the gateway.
        await page.SetExtraHTTPHeadersAsync(new Dictionary<string, string> { ["X-Koubou-Key"] = "master", ["X-Koubou-Scopes"] = "admin" });
        await SignInAsync(page, WholeWorkshop.VisitorKey);
        await page.Locator("[data-row]").First.WaitForAsync();
        await Expect(page.Locator("[data-pick]")).ToHaveCountAsync(0);

        foreach (var (path, seen) in new[]
        {
            ($"/tasks/{id}", $"[data-task='{id}']"), ("/workers", "[data-node=worker-01]"), ("/submit", "[data-not-allowed]"), ("/dead-letter", "h1"),
        })
        {
            await page.GotoAsync($"{workshop.Keyed}dashboard{path}");
            await page.Locator("html[data-interactive]").WaitForAsync();
            await page.Locator(seen).First.WaitForAsync();
            await Expect(page.Locator(
                "[data-ask], [data-retry], [data-resume], [data-limit], [data-duplicate], [data-form] button[type=submit]")).ToHaveCountAsync(0);
        }
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/dashboard")]
    [InlineData("/dashboard\\..\\elsewhere")]
    public async Task SignIn_LeadsOnlyIntoTheDashboard(string to)
    {
        var page = await (await workshop.NewContextAsync("ja")).NewPageAsync();
        await page.GotoAsync($"{workshop.Keyed}dashboard/sign-in?seen=1&to={Uri.EscapeDataString(to)}");
        await page.Locator("html[lang=ja]").WaitForAsync();

        await SignInAsync(page, WholeWorkshop.MasterKey);

        await Expect(page).ToHaveURLAsync($"{workshop.Keyed}dashboard");
    }

    private static async Task SignInAsync(IPage page, string key)
    {
        await page.Locator("#key").FillAsync(key);
        await page.Locator("button[type=submit]").ClickAsync();
    }

    private async Task<IPage> OpenAsync(string path)
    {
        var page = await (await workshop.NewContextAsync()).NewPageAsync();
        await page.GotoAsync($"{workshop.Keyed}dashboard{path}");
        await page.Locator("#key").WaitForAsync();
        return page;
    }

    private async Task<string> WaitingAsync() => (await workshop.Queue.SubmitAsync(new SubmitRequest
    {
        Tasks =
        {
            new TaskSpec
            {
                Prompt = "Waits for an hour",
                NotBefore = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(1)),
            },
        },
    })).Receipts[0].Id;
}
