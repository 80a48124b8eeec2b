//! The window of the setup: what is installed, the license, and how far it is.

use std::sync::mpsc;
use std::thread;

use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::Graphics::Gdi::{COLOR_BTNFACE, CreateFontIndirectW, HFONT, UpdateWindow};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::UI::Controls::{
    BST_CHECKED, ICC_PROGRESS_CLASS, ICC_STANDARD_CLASSES, INITCOMMONCONTROLSEX,
    InitCommonControlsEx, PBM_SETPOS, PBM_SETRANGE32,
};
use windows_sys::Win32::UI::HiDpi::GetDpiForSystem;
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{EnableWindow, SetFocus};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    BM_GETCHECK, BM_SETCHECK, BS_AUTOCHECKBOX, BS_DEFPUSHBUTTON, CreateWindowExW, DefWindowProcW,
    DestroyWindow, DispatchMessageW, ES_AUTOVSCROLL, ES_MULTILINE, ES_READONLY, GetMessageW,
    GetSystemMetrics, IDC_ARROW, IDCANCEL, IDOK, IsDialogMessageW, LoadCursorW, LoadIconW, MSG,
    NONCLIENTMETRICSW, PostMessageW, RegisterClassW, SM_CXSCREEN, SM_CYSCREEN,
    SPI_GETNONCLIENTMETRICS, SendMessageW, SetWindowTextW, SystemParametersInfoW, TranslateMessage,
    WM_APP, WM_CLOSE, WM_COMMAND, WM_SETFONT, WNDCLASSW, WS_BORDER, WS_CAPTION, WS_CHILD,
    WS_EX_CLIENTEDGE, WS_MINIMIZEBOX, WS_SYSMENU, WS_TABSTOP, WS_VISIBLE, WS_VSCROLL,
};

use super::install::Installation;
use super::message;
use super::text::wide;
use crate::options::Options;
use crate::payload::Contents;
use crate::problem::{Code, Problem};
use crate::source::Source;

/// A button was pressed; which one is in the first parameter.
const PRESSED: u32 = WM_APP + 1;
/// So many percent are done.
const PERCENT: u32 = WM_APP + 2;
/// The installation has ended.
const ENDED: u32 = WM_APP + 3;

/// The size of what is in the window, for 96 points per inch.
const WIDTH: i32 = 480;
const MARGIN: i32 = 16;
/// The number of the program's icon.
const ICON: usize = 1;

/// Asks, installs and says how far it is.
pub fn run(source: Source, options: &Options) -> Result<(), Problem> {
    // What is refused is refused before anything is asked.
    let installation = Installation::new(&source.contents, options)?;
    let window = Window::new(&source.contents, options, &installation);
    drop(installation);
    let title = source.contents.name.clone();
    let mut waiting = Some(source);
    let (sender, receiver) = mpsc::channel();
    let mut result = Err(Problem::new(Code::Canceled, ""));
    let mut message = MSG::default();
    // SAFETY: the message is written by the call, which is for all windows of this thread.
    while unsafe { GetMessageW(&mut message, std::ptr::null_mut(), 0, 0) } > 0 {
        let is_own = message.hwnd == window.frame;
        match message.message {
            PRESSED if is_own && message.wParam == IDOK as usize && waiting.is_some() => {
                let mut options = options.clone();
                options.no_desktop |= !window.wants_desktop();
                let mut source = waiting.take().expect("it is there, as the guard says");
                match Installation::new(&source.contents, &options) {
                    Ok(installation) => {
                        window.begin();
                        let (frame, sender) = (window.frame as usize, sender.clone());
                        thread::spawn(move || {
                            let all: u64 = source.contents.files.iter().map(|file| file.size).sum();
                            let mut done = 0;
                            let result = installation.run(&mut source, &mut |bytes| {
                                done += bytes;
                                post(frame, PERCENT, (done * 100 / all.max(1)) as usize);
                            });
                            // The window is there as long as its end was not told.
                            let _ = sender.send(result);
                            post(frame, ENDED, 0);
                        });
                    }
                    Err(problem) => {
                        result = Err(problem);
                        break;
                    }
                }
            }
            // While it installs, there is no way back.
            PRESSED if is_own && message.wParam == IDCANCEL as usize && waiting.is_some() => break,
            PERCENT if is_own => window.show(message.wParam),
            ENDED if is_own => {
                result = receiver.recv().unwrap_or(result);
                break;
            }
            // SAFETY: the message is one that was just received.
            _ => unsafe {
                if IsDialogMessageW(window.frame, &message) == 0 {
                    TranslateMessage(&message);
                    DispatchMessageW(&message);
                }
            },
        }
    }
    // SAFETY: the window is one of this thread.
    unsafe { DestroyWindow(window.frame) };
    if result.is_ok() {
        message::done(&title, &format!("{title} is installed."));
    }
    result
}

fn post(frame: usize, what: u32, value: usize) {
    // SAFETY: a window that is gone makes the call fail.
    unsafe { PostMessageW(frame as HWND, what, value, 0) };
}

struct Window {
    frame: HWND,
    desktop: Option<HWND>,
    progress: HWND,
    buttons: [HWND; 2],
}

/// Makes the window's parts from top to bottom.
struct Builder {
    frame: HWND,
    font: HFONT,
    top: i32,
}

impl Window {
    fn new(contents: &Contents, options: &Options, installation: &Installation) -> Self {
        let has_license = !contents.license.is_empty();
        let has_desktop = contents.desktop && !contents.shortcuts.is_empty() && !options.no_desktop;
        let height = 190 + if has_license { 230 } else { 0 } + if has_desktop { 28 } else { 0 };
        let mut builder = Builder {
            frame: frame(
                &format!("{} {} Setup", contents.name, contents.version),
                height,
            ),
            font: font(),
            top: MARGIN,
        };
        let about = format!("{} {}", contents.name, contents.version);
        builder.part("STATIC", &about, 0, 20);
        builder.part("STATIC", &contents.summary, 0, 30);
        if has_license {
            let text = contents.license.replace("\r\n", "\n").replace('\n', "\r\n");
            let style = ES_MULTILINE | ES_READONLY | ES_AUTOVSCROLL;
            builder.part(
                "EDIT",
                &text,
                style as u32 | WS_VSCROLL | WS_BORDER | WS_TABSTOP,
                220,
            );
            builder.top += 10;
        }
        let place = installation.place.directory().display().to_string();
        let whose = if options.all_users {
            " for everybody"
        } else {
            ""
        };
        builder.part(
            "STATIC",
            &format!("Directory{whose}: {}", place.replace('&', "&&")),
            0,
            34,
        );
        let desktop = has_desktop.then(|| {
            let style = BS_AUTOCHECKBOX as u32 | WS_TABSTOP;
            let part = builder.part("BUTTON", "Shortcut on the &desktop", style, 28);
            // SAFETY: the part was just made.
            unsafe { SendMessageW(part, BM_SETCHECK, BST_CHECKED as usize, 0) };
            part
        });
        let progress = builder.part("msctls_progress32", "", 0, 18);
        // SAFETY: the part was just made.
        unsafe { SendMessageW(progress, PBM_SETRANGE32, 0, 100) };
        builder.top += 14;
        let agree = if has_license {
            "I &agree, install"
        } else {
            "&Install"
        };
        let buttons = [
            builder.button(agree, IDOK, BS_DEFPUSHBUTTON as u32, 2),
            builder.button("Cancel", IDCANCEL, 0, 1),
        ];
        // SAFETY: window and part were just made.
        unsafe {
            UpdateWindow(builder.frame);
            SetFocus(buttons[0]);
        }
        Self {
            frame: builder.frame,
            desktop,
            progress,
            buttons,
        }
    }

    fn wants_desktop(&self) -> bool {
        // SAFETY: the part is one of this thread.
        let state = self
            .desktop
            .map(|part| unsafe { SendMessageW(part, BM_GETCHECK, 0, 0) });
        state.is_none_or(|state| state == BST_CHECKED as isize)
    }

    fn begin(&self) {
        let text = wide("Installing …");
        for part in self.buttons.into_iter().chain(self.desktop) {
            // SAFETY: the part is one of this thread.
            unsafe { EnableWindow(part, 0) };
        }
        // SAFETY: the part is one of this thread, and the text ends with a zero.
        unsafe { SetWindowTextW(self.buttons[0], text.as_ptr()) };
    }

    fn show(&self, percent: usize) {
        // SAFETY: the part is one of this thread.
        unsafe { SendMessageW(self.progress, PBM_SETPOS, percent, 0) };
    }
}

impl Builder {
    /// A part over the whole width.
    fn part(&mut self, class: &str, text: &str, style: u32, height: i32) -> HWND {
        let edge = if class == "EDIT" { WS_EX_CLIENTEDGE } else { 0 };
        let shape = [MARGIN, self.top, WIDTH - 2 * MARGIN, height];
        self.top += height;
        self.child(class, text, edge, style, shape, 0)
    }

    /// A button, counted from the right.
    fn button(&self, text: &str, id: i32, style: u32, from_right: i32) -> HWND {
        let width = 120;
        let left = WIDTH - (MARGIN / 2 + width) * from_right - MARGIN / 2;
        let shape = [left, self.top, width, 28];
        self.child("BUTTON", text, 0, style | WS_TABSTOP, shape, id)
    }

    fn child(
        &self,
        class: &str,
        text: &str,
        edge: u32,
        style: u32,
        shape: [i32; 4],
        id: i32,
    ) -> HWND {
        let (class, text) = (wide(class), wide(text));
        let [left, top, width, height] = shape.map(scaled);
        // SAFETY: both texts end with a zero, and the window is one of this thread.
        unsafe {
            let part = CreateWindowExW(
                edge,
                class.as_ptr(),
                text.as_ptr(),
                style | WS_CHILD | WS_VISIBLE,
                left,
                top,
                width,
                height,
                self.frame,
                id as usize as _,
                std::ptr::null_mut(),
                std::ptr::null(),
            );
            SendMessageW(part, WM_SETFONT, self.font as usize, 1);
            part
        }
    }
}

fn frame(title: &str, height: i32) -> HWND {
    let (class, title) = (wide("SealiftSetup"), wide(title));
    let controls = INITCOMMONCONTROLSEX {
        dwSize: size_of::<INITCOMMONCONTROLSEX>() as u32,
        dwICC: ICC_PROGRESS_CLASS | ICC_STANDARD_CLASSES,
    };
    // SAFETY: the structures have their sizes and their texts end with a zero. The program's icon has the number 1; without one
    // Windows shows its own.
    unsafe {
        InitCommonControlsEx(&controls);
        let module = GetModuleHandleW(std::ptr::null());
        RegisterClassW(&WNDCLASSW {
            lpfnWndProc: Some(procedure),
            hInstance: module,
            hIcon: LoadIconW(module, ICON as *const u16),
            hCursor: LoadCursorW(std::ptr::null_mut(), IDC_ARROW),
            hbrBackground: (COLOR_BTNFACE + 1) as usize as _,
            lpszClassName: class.as_ptr(),
            ..Default::default()
        });
        // With its border and its title.
        let (width, height) = (scaled(WIDTH + 6), scaled(height + 32));
        CreateWindowExW(
            0,
            class.as_ptr(),
            title.as_ptr(),
            WS_CAPTION | WS_SYSMENU | WS_MINIMIZEBOX | WS_VISIBLE,
            (GetSystemMetrics(SM_CXSCREEN) - width) / 2,
            (GetSystemMetrics(SM_CYSCREEN) - height) / 2,
            width,
            height,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            module,
            std::ptr::null(),
        )
    }
}

/// Passes on what the loop of messages handles.
unsafe extern "system" fn procedure(
    frame: HWND,
    what: u32,
    first: WPARAM,
    second: LPARAM,
) -> LRESULT {
    let pressed = match what {
        WM_COMMAND => first & 0xffff,
        WM_CLOSE => IDCANCEL as usize,
        // SAFETY: Windows calls it with a window and a message for it.
        _ => return unsafe { DefWindowProcW(frame, what, first, second) },
    };
    // SAFETY: the window is the one that the message is for.
    unsafe { PostMessageW(frame, PRESSED, pressed, 0) };
    0
}

/// The font of messages.
fn font() -> HFONT {
    let mut metrics = NONCLIENTMETRICSW {
        cbSize: size_of::<NONCLIENTMETRICSW>() as u32,
        ..Default::default()
    };
    // SAFETY: the structure has the size that it says.
    unsafe {
        let place = (&raw mut metrics).cast();
        SystemParametersInfoW(SPI_GETNONCLIENTMETRICS, metrics.cbSize, place, 0);
        CreateFontIndirectW(&metrics.lfMessageFont)
    }
}

/// A length for the points per inch of the screen.
fn scaled(length: i32) -> i32 {
    // SAFETY: the call has no conditions.
    let dpi = unsafe { GetDpiForSystem() };
    length * dpi as i32 / 96
}
