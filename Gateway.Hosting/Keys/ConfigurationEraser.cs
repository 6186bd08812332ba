using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.Memory;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>
/// Removes a secret from a configuration: from every provider, under any name, and from the sources they would load it
/// from again.
/// </summary>
/// <remarks>Outside the configuration it stays: in a file, in the variables of the process, on its command line.</remarks>
internal static class ConfigurationEraser
{
    /// <summary>Erases a setting and every value that is the same key, with or without 0x, in any case.</summary>
    public static void Erase(IConfiguration configuration, Setting setting, string text)
    {
        var digits = Digits(text);
        string[] names = [setting.Key, setting.Flag, .. setting.Variables];
        bool IsSecret(string key, string? value) =>
            value is not null
                && (Digits(value).Equals(digits, StringComparison.OrdinalIgnoreCase)
                    || names.Contains(key, StringComparer.OrdinalIgnoreCase));
        if (configuration is IConfigurationRoot root) EraseProviders(root, IsSecret);
        if (configuration is IConfigurationBuilder builder) EraseSources(builder, IsSecret, digits);
    }

    private static string Digits(string text)
    {
        var trimmed = text.Trim();
        return trimmed.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? trimmed[2..] : trimmed;
    }

    private static void EraseProviders(IConfigurationRoot root, Func<string, string?, bool> isSecret)
    {
        foreach (var provider in root.Providers)
        {
            foreach (var key in Keys(provider, null).ToList())
                if (provider.TryGet(key, out var value) && isSecret(key, value)) provider.Set(key, null);
        }
    }

    private static IEnumerable<string> Keys(IConfigurationProvider provider, string? parent)
    {
        foreach (var name in provider.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var key = parent is null ? name : ConfigurationPath.Combine(parent, name);
            yield return key;
            foreach (var below in Keys(provider, key)) yield return below;
        }
    }

    private static void EraseSources(IConfigurationBuilder builder, Func<string, string?, bool> isSecret, string digits)
    {
        foreach (var memory in builder.Sources.OfType<MemoryConfigurationSource>())
            memory.InitialData = memory.InitialData?.Where(pair => !isSecret(pair.Key, pair.Value)).ToList();
        foreach (var line in builder.Sources.OfType<CommandLineConfigurationSource>())
            line.Args = [.. line.Args.Select(word => word.Replace(digits, "", StringComparison.OrdinalIgnoreCase))];
    }
}
