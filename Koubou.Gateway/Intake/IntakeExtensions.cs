using Koubou.ServiceDefaults.Settings;

namespace Koubou.Gateway.Intake;

internal static class IntakeExtensions
{
    public static void AddIntake(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TaskIntake>();
        builder.Services.AddOptions<IntakeOptions>()
            .BindSettings(IntakeOptions.Section)
            .Validate(
                options => options.TaskBodyBytesMax is >= 1024 and <= int.MaxValue,
                $"{IntakeOptions.Section}:TaskBodyBytesMax must be from 1024 to {int.MaxValue} bytes.")
            .Validate(
                options => options.BatchBodyBytesMax is >= 1024 and <= int.MaxValue,
                $"{IntakeOptions.Section}:BatchBodyBytesMax must be from 1024 to {int.MaxValue} bytes.")
            .Validate(options => options.SocketsMax > 0, $"{IntakeOptions.Section}:SocketsMax must be at least 1.")
            .ValidateOnStart();
    }
}
