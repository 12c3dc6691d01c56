//! The orbits of the sun and four planets.

use std::f64::consts::PI;

use crate::report::{answer, clocked};

const SOLAR_MASS: f64 = 4.0 * PI * PI;
const DAYS_PER_YEAR: f64 = 365.24;
const STEP: f64 = 0.01;

/// Position, speed in days, mass in suns.
const BODIES: [([f64; 3], [f64; 3], f64); 5] = [
    ([0.0; 3], [0.0; 3], 1.0),
    (
        [4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01],
        [1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05],
        9.54791938424326609e-04,
    ),
    (
        [8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01],
        [-2.76742510726411899e-03, 4.99852801234917238e-03, 2.30417297573763929e-05],
        2.85885980666130812e-04,
    ),
    (
        [1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01],
        [2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05],
        4.36624404335156298e-05,
    ),
    (
        [1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01],
        [2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05],
        5.15138902046611451e-05,
    ),
];

struct Body {
    place: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

/// Moves the bodies by the number of steps; the answer is the energy at the end.
pub fn run(steps: u64) {
    let mut bodies = BODIES.map(|(place, speed, mass)| Body {
        place,
        speed: speed.map(|part| part * DAYS_PER_YEAR),
        mass: mass * SOLAR_MASS,
    });
    let mut momentum = [0.0; 3];
    for body in &bodies {
        for k in 0..3 {
            momentum[k] += body.speed[k] * body.mass;
        }
    }
    bodies[0].speed = momentum.map(|part| -part / SOLAR_MASS);
    clocked("time", || {
        for _ in 0..steps {
            advance(&mut bodies);
        }
    });
    answer(format_args!("{:.9}", energy(&bodies)));
}

fn advance(bodies: &mut [Body; 5]) {
    for i in 0..5 {
        for j in i + 1..5 {
            let distance: [f64; 3] = std::array::from_fn(|k| bodies[i].place[k] - bodies[j].place[k]);
            let square = distance[0] * distance[0] + distance[1] * distance[1] + distance[2] * distance[2];
            let magnitude = STEP / (square * square.sqrt());
            let (pull_of_i, pull_of_j) = (bodies[i].mass * magnitude, bodies[j].mass * magnitude);
            for k in 0..3 {
                bodies[i].speed[k] -= distance[k] * pull_of_j;
                bodies[j].speed[k] += distance[k] * pull_of_i;
            }
        }
    }
    for body in bodies {
        for k in 0..3 {
            body.place[k] += STEP * body.speed[k];
        }
    }
}

fn energy(bodies: &[Body; 5]) -> f64 {
    let mut sum = 0.0;
    for i in 0..5 {
        sum += 0.5 * bodies[i].mass * bodies[i].speed.iter().map(|part| part * part).sum::<f64>();
        for j in i + 1..5 {
            let square: f64 = (0..3).map(|k| (bodies[i].place[k] - bodies[j].place[k]).powi(2)).sum();
            sum -= bodies[i].mass * bodies[j].mass / square.sqrt();
        }
    }
    sum
}
