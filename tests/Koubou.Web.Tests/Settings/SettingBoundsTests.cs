using Koubou.Contracts;

namespace Koubou.Web.Tests.Settings;

public sealed class SettingBoundsTests
{
    [Fact]
    public void Settings_TooManyAndTooLong_AreCut()
    {
        var many = Enumerable.Range(0, 1_000).Select(number => new Setting { Name = $"{number}", Value = new string('x', 5_000) });

        var kept = SettingBounds.Bound(many).ToList();

        Assert.Equal(SettingBounds.CountMax, kept.Count);
        Assert.All(kept, setting => Assert.Equal(SettingBounds.ValueMax, setting.Value.Length));
    }

    [Fact]
    public void Value_CutAtACharacterOfTwoUnits_KeepsNoHalfOfIt()
    {
        var value = new string('x', SettingBounds.ValueMax - 2) + "𠮷𠮷";

        var kept = SettingBounds.Bound([new Setting { Value = value }]).Single().Value;

        Assert.Equal(new string('x', SettingBounds.ValueMax - 2) + "…", kept);
    }
}
